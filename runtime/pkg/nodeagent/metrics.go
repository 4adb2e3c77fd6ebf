package nodeagent

import (
	"fmt"
	"net/http"
	"time"
)

// serveMetrics writes the metrics in Prometheus' text format. There are three of them, for which the agent
// needs no client library.
func (a *Agent) serveMetrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	write := func(name, kind, help string, value float64) {
		const prefix = "skerry_node_agent_"
		_, _ = fmt.Fprintf(w, "# HELP %s%s %s\n# TYPE %[1]s%[2]s %[4]s\n%[1]s%[2]s %[5]g\n", prefix, name, help, kind, value)
	}
	write("publications_total", "counter", "Number of times that the profile was published.", float64(a.publications.Load()))
	write("failed_publications_total", "counter", "Number of times that the API server could not be reached or refused the profile.", float64(a.failures.Load()))
	last := 0.0
	if at := a.LastPublished(); !at.IsZero() {
		last = float64(at.UnixNano()) / float64(time.Second)
	}
	write("last_publication_timestamp_seconds", "gauge", "Time of the latest publication, or 0.", last)
}
