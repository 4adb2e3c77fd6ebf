// Package observe counts what the plugins decide, for Prometheus. How long a plugin takes, upstream's
// scheduler_plugin_execution_duration_seconds tells already.
package observe

import (
	"time"

	"k8s.io/component-base/metrics"
)

// Metrics of the plugins of one scheduler. A nil *Metrics counts nothing.
type Metrics struct {
	decisions, refusals *metrics.CounterVec
	ages                *metrics.HistogramVec
}

// New metrics, which nobody sees until they are registered.
func New() *Metrics {
	counter := func(name, help string) *metrics.CounterVec {
		return metrics.NewCounterVec(&metrics.CounterOpts{
			Namespace: "skerry", Subsystem: "scheduler", Name: name, Help: help, StabilityLevel: metrics.ALPHA,
		}, []string{"plugin", "reason"})
	}
	return &Metrics{
		decisions: counter("decisions_total", "Pods that were given a node, by what decided for it."),
		refusals:  counter("refusals_total", "Nodes that were refused to a pod, and pods that were refused all nodes at once, by why."),
		ages: metrics.NewHistogramVec(&metrics.HistogramOpts{
			Namespace: "skerry", Subsystem: "scheduler", Name: "usage_age_seconds", StabilityLevel: metrics.ALPHA,
			Help: "Age of the usage sample of the node that a pod was given; nodes without a sample are not among them.",
			// A sample comes every half minute, and by default counts for half an hour.
			Buckets: []float64{5, 15, 30, 60, 120, 300, 900, 1800, 3600, 7200},
		}, []string{"plugin"}),
	}
}

// All of them, for a registry.
func (m *Metrics) All() []metrics.Registerable {
	return []metrics.Registerable{m.decisions, m.refusals, m.ages}
}

// Decided counts a pod that was given a node. Reasons are few and known beforehand.
func (m *Metrics) Decided(plugin, reason string) {
	if m != nil {
		m.decisions.WithLabelValues(plugin, reason).Inc()
	}
}

// Refused counts a node that was refused to a pod.
func (m *Metrics) Refused(plugin, reason string) {
	if m != nil {
		m.refusals.WithLabelValues(plugin, reason).Inc()
	}
}

// UsageAge notes how old the data was that spoke for a node.
func (m *Metrics) UsageAge(plugin string, age time.Duration) {
	if m != nil {
		m.ages.WithLabelValues(plugin).Observe(age.Seconds())
	}
}
