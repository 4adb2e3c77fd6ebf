// Package observe provides the Prometheus metrics of Skerry's scheduler plugins. Upstream's
// scheduler_plugin_execution_duration_seconds already measures their duration.
package observe

import (
	"time"

	"k8s.io/component-base/metrics"
)

// Metrics are the metrics of the plugins of one scheduler. A nil *Metrics records nothing.
type Metrics struct {
	placements, rejections *metrics.CounterVec
	sampleAges             *metrics.HistogramVec
}

// New returns metrics that are not registered yet.
func New() *Metrics {
	newCounter := func(name, help string) *metrics.CounterVec {
		return metrics.NewCounterVec(&metrics.CounterOpts{
			Namespace: "skerry", Subsystem: "scheduler", Name: name, Help: help, StabilityLevel: metrics.ALPHA,
		}, []string{"plugin", "reason"})
	}
	return &Metrics{
		placements: newCounter("placements_total", "Number of pods for which a node was reserved, by plugin and the plugin's reason for the node."),
		rejections: newCounter("rejections_total", "Number of nodes that a plugin rejected for a pod, by plugin and reason. A pod that is rejected before its nodes are filtered counts once."),
		sampleAges: metrics.NewHistogramVec(&metrics.HistogramOpts{
			Namespace: "skerry", Subsystem: "scheduler", Name: "usage_sample_age_seconds", StabilityLevel: metrics.ALPHA,
			Help: "Age of the usage sample of the reserved node in seconds. Nodes without a sample are not included.",
			// By default, nodes are sampled every 30 s, and samples count for 30 minutes.
			Buckets: []float64{5, 15, 30, 60, 120, 300, 900, 1800, 3600, 7200},
		}, []string{"plugin"}),
	}
}

// All returns all metrics, for registration.
func (m *Metrics) All() []metrics.Registerable {
	return []metrics.Registerable{m.placements, m.rejections, m.sampleAges}
}

// RecordPlacement counts a pod for which a node was reserved. The reason must come from a small, fixed set.
func (m *Metrics) RecordPlacement(plugin, reason string) {
	if m != nil {
		m.placements.WithLabelValues(plugin, reason).Inc()
	}
}

// RecordRejection counts a node that was rejected for a pod. The reason must come from a small, fixed set.
func (m *Metrics) RecordRejection(plugin, reason string) {
	if m != nil {
		m.rejections.WithLabelValues(plugin, reason).Inc()
	}
}

// RecordSampleAge records the age of the usage sample of a reserved node.
func (m *Metrics) RecordSampleAge(plugin string, age time.Duration) {
	if m != nil {
		m.sampleAges.WithLabelValues(plugin).Observe(age.Seconds())
	}
}
