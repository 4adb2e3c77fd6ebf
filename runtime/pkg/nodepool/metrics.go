package nodepool

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

var (
	unknownNodes = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "skerry_node_controller_unknown_nodes",
		Help: "Nodes that no pool claims.",
	})
	corrections = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "skerry_node_controller_corrections_total",
		Help: "Nodes that were put right.",
	})
)

func init() { metrics.Registry.MustRegister(unknownNodes, corrections) }
