package main

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/skerry-dev/skerry/runtime/pkg/sitestate"
	"github.com/skerry-dev/skerry/runtime/pkg/sitesync"
)

// handleState serves the state for reading. Who may write is decided by the permissions of the database file.
func handleState(mux *http.ServeMux, database *sitestate.Database) {
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, r *http.Request) {
		records, err := database.List(r.Context(), r.URL.Query().Get("prefix"))
		respond(w, append([]sitestate.Record{}, records...), err)
	})
	mux.HandleFunc("GET /state/{scope}/{key...}", func(w http.ResponseWriter, r *http.Request) {
		record, err := database.Get(r.Context(), sitestate.Name{Scope: r.PathValue("scope"), Key: r.PathValue("key")})
		respond(w, record, err)
	})
	mux.HandleFunc("GET /conflicts", func(w http.ResponseWriter, r *http.Request) {
		conflicts, err := database.Conflicts(r.Context())
		respond(w, append([]sitestate.Conflict{}, conflicts...), err)
	})
}

func respond(w http.ResponseWriter, value any, err error) {
	switch {
	case errors.Is(err, sitestate.ErrNotFound):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(value)
	}
}

// collector asks the database when it is scraped.
type collector struct {
	database                       *sitestate.Database
	connections                    map[string]*sitesync.Connection
	connected, records, tombstones *prometheus.Desc
	conflicts                      *prometheus.Desc
}

func newCollector(database *sitestate.Database, connections map[string]*sitesync.Connection) *collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("skerry_site_sync_"+name, help, labels, nil)
	}
	return &collector{
		database: database, connections: connections,
		connected:  describe("connected", "Whether a broker is connected (1 or 0).", "broker"),
		records:    describe("records", "Number of records."),
		tombstones: describe("tombstones", "Number of deleted records that are remembered."),
		conflicts:  describe("conflicts", "Number of records in the log of conflicts, by reason.", "reason"),
	}
}

func (c *collector) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, to) }

func (c *collector) Collect(to chan<- prometheus.Metric) {
	for name, connection := range c.connections {
		value := 1.0
		if connection.Problem() != nil {
			value = 0
		}
		to <- prometheus.MustNewConstMetric(c.connected, prometheus.GaugeValue, value, name)
	}
	counts, err := c.database.Counts()
	if err != nil {
		to <- prometheus.NewInvalidMetric(c.records, err)
		return
	}
	to <- prometheus.MustNewConstMetric(c.records, prometheus.GaugeValue, float64(counts.Records))
	to <- prometheus.MustNewConstMetric(c.tombstones, prometheus.GaugeValue, float64(counts.Tombstones))
	for _, reason := range []sitestate.Reason{sitestate.Concurrent, sitestate.Ahead, sitestate.Expired} {
		to <- prometheus.MustNewConstMetric(c.conflicts, prometheus.GaugeValue, float64(counts.Conflicts[reason]), string(reason))
	}
}
