package measuredlinks

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

var regionPairs = prometheus.NewGaugeVec(prometheus.GaugeOpts{
	Name: "skerry_node_controller_region_pairs",
	Help: "Number of pairs of regions that nodes have measured, by outcome. Only those with the outcome measured become links.",
}, []string{"outcome"})

func init() { metrics.Registry.MustRegister(regionPairs) }

func record(outcomes map[outcome]int) {
	for outcome, count := range outcomes {
		regionPairs.WithLabelValues(string(outcome)).Set(float64(count))
	}
}
