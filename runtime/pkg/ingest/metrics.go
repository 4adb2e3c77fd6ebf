package ingest

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the metrics of an Ingester.
type metrics struct {
	messages, duplicates prometheus.Counter
	rejected             *prometheus.CounterVec
	commits              prometheus.Histogram
	batches              prometheus.Histogram
	lastCommit           prometheus.Gauge
	nodes, missing, gaps prometheus.Gauge
	connected            prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) *metrics {
	name := func(name string) string { return "skerry_edge_ingest_" + name }
	counter := func(of, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name(of), Help: help})
	}
	gauge := func(of, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name(of), Help: help})
	}
	m := &metrics{
		messages:   counter("messages_total", "Number of messages that were stored."),
		duplicates: counter("duplicates_total", "Number of deliveries of messages that had been stored before."),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: name("rejected_total"), Help: "Number of deliveries that were put into quarantine, by reason.",
		}, []string{"reason"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: name("commit_seconds"), Help: "Duration of the transaction of a batch.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: name("batch_messages"), Help: "Number of deliveries in a batch.", Buckets: prometheus.ExponentialBuckets(1, 4, 8),
		}),
		lastCommit: gauge("last_commit_timestamp_seconds", "Time of the last commit."),
		nodes:      gauge("nodes", "Number of nodes that have ever sent a message."),
		missing:    gauge("missing_messages", "Number of messages that are missing in the database and were not reported as lost."),
		gaps:       gauge("gaps", "Number of ranges in which messages are missing."),
		connected:  gauge("connected", "Whether the broker is connected and the database can be written (1 or 0)."),
	}
	registry.MustRegister(m.messages, m.duplicates, m.rejected, m.commits, m.batches, m.lastCommit, m.nodes, m.missing, m.gaps, m.connected)
	for _, reason := range Reasons {
		m.rejected.WithLabelValues(string(reason))
	}
	return m
}

func (m *metrics) record(result Result) {
	m.messages.Add(float64(result.Stored))
	m.duplicates.Add(float64(result.Duplicates))
	for reason, count := range result.Rejected {
		m.rejected.WithLabelValues(string(reason)).Add(float64(count))
	}
}

// recordStatus records what the database knows about all nodes.
func (m *metrics) recordStatus(streams []Status) {
	nodes := map[string]bool{}
	var missing, gaps float64
	for _, each := range streams {
		nodes[each.Node] = true
		missing += each.Missing
		gaps += float64(each.Gaps)
	}
	m.nodes.Set(float64(len(nodes)))
	m.missing.Set(missing)
	m.gaps.Set(gaps)
}
