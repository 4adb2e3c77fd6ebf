package edgeagent

import (
	"encoding/json"
	"net/http"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/sensors"
)

// Handler returns the handler of /sensor, /sensor/<name>, /healthz, /readyz and /metrics.
//
// The agent is ready when it keeps messages. A cloud that cannot be reached does not change that.
func (a *Agent) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if box, _ := a.present(); box == nil {
			http.Error(w, "the outbox is not open", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /sensor", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, a.readings())
	})
	mux.HandleFunc("GET /sensor/{name}", func(w http.ResponseWriter, request *http.Request) {
		for _, each := range a.readings() {
			if each.Name == request.PathValue("name") {
				writeJSON(w, each)
				return
			}
		}
		http.Error(w, "no such sensor", http.StatusNotFound)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = a.metrics().WriteTo(w)
	})
	return mux
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func (a *Agent) readings() []sensors.Reading {
	if _, group := a.present(); group != nil {
		return group.Latest()
	}
	return []sensors.Reading{}
}
