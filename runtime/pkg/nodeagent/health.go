package nodeagent

import (
	"net/http"
	"time"
)

// readyIntervals is the number of intervals after which a node without a publication is not ready.
const readyIntervals = 4

// Health returns the handler of /livez, /readyz and /metrics. The agent is ready while it publishes. An API server that cannot be
// reached is no reason to restart it.
func (a *Agent) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /metrics", a.serveMetrics)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if time.Since(a.LastPublished()) > readyIntervals*a.Interval {
			http.Error(w, "no profile was published lately", http.StatusServiceUnavailable)
		}
	})
	return mux
}
