package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MissingMetricsPolicy decides whether nodes without a fresh usage sample accept pods.
type MissingMetricsPolicy string

const (
	// MissingMetricsAllow scores nodes without a fresh usage sample by the requests of their pods.
	MissingMetricsAllow MissingMetricsPolicy = "Allow"
	// MissingMetricsDeny rejects nodes without a fresh usage sample.
	MissingMetricsDeny MissingMetricsPolicy = "Deny"
)

// LoadAwareArgs are the arguments of the LoadAware plugin.
type LoadAwareArgs struct {
	metav1.TypeMeta `json:",inline"`
	// Weights are the weights of the resources in the score. At least one must be above 0.
	Weights LoadWeights `json:"weights,omitempty"`
	// Thresholds are the utilizations, in percent, above which a node is rejected. The pod being scheduled counts.
	Thresholds LoadThresholds `json:"thresholds,omitempty"`
	// MissingMetricsPolicy decides whether nodes without a fresh usage sample accept pods. Allow scores them by the requests
	// of their pods, Deny rejects them. Defaults to Allow.
	MissingMetricsPolicy MissingMetricsPolicy `json:"missingMetricsPolicy,omitempty"`
	// Metrics configures which usage samples count.
	Metrics MetricsArgs `json:"metrics,omitempty"`
}

// LoadWeights are the weights of the resources in the score.
type LoadWeights struct {
	// CPU is the weight of CPU utilization. Allowed: 0 to 1000. Defaults to 0.4.
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is the weight of memory utilization. Allowed: 0 to 1000. Defaults to 0.4.
	Memory *float64 `json:"memory,omitempty"`
	// Network is the weight of network utilization. Allowed: 0 to 1000. Defaults to 0.2.
	Network *float64 `json:"network,omitempty"`
}

// LoadThresholds are utilizations in percent. The threshold 100 rejects no node.
type LoadThresholds struct {
	// CPU is the threshold of CPU utilization. Allowed: above 0, at most 100. Defaults to 100, because workloads on a node
	// without spare CPU slow down but survive.
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is the threshold of memory utilization. Allowed: above 0, at most 100. Defaults to 90, because the kernel kills
	// workloads on a node without spare memory.
	Memory *float64 `json:"memory,omitempty"`
	// Network is the threshold of network utilization. Allowed: above 0, at most 100. Defaults to 100, because workloads on
	// a node without spare bandwidth slow down but survive.
	Network *float64 `json:"network,omitempty"`
}

// SetDefaults sets the fields that are nil or empty.
func (a *LoadAwareArgs) SetDefaults() {
	a.Weights.CPU = defaultTo(a.Weights.CPU, 0.4)
	a.Weights.Memory = defaultTo(a.Weights.Memory, 0.4)
	a.Weights.Network = defaultTo(a.Weights.Network, 0.2)
	a.Thresholds.CPU = defaultTo(a.Thresholds.CPU, 100)
	a.Thresholds.Memory = defaultTo(a.Thresholds.Memory, 90)
	a.Thresholds.Network = defaultTo(a.Thresholds.Network, 100)
	if a.MissingMetricsPolicy == "" {
		a.MissingMetricsPolicy = MissingMetricsAllow
	}
	a.Metrics.SetDefaults()
}
