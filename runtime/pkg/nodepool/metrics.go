package nodepool

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

var (
	unassignedNodes = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "skerry_node_controller_unassigned_nodes",
		Help: "Number of nodes that no pool selects, without control-plane nodes.",
	})
	nodeUpdates = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "skerry_node_controller_node_updates_total",
		Help: "Total number of updates of a node's labels, taints or annotations.",
	})
)

func init() { metrics.Registry.MustRegister(unassignedNodes, nodeUpdates) }
