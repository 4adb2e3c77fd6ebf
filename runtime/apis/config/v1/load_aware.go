package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MissingMetricsPolicy decides whether nodes without a fresh usage sample accept pods.
// +kubebuilder:validation:Enum=Allow;Deny
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
	// Weights are the weights of CPU, memory and network utilization in the score. At least one must be above 0.
	Weights LoadWeights `json:"weights,omitempty"`
	// Thresholds are the utilizations, in percent, above which a node is rejected. The pod being scheduled counts. A
	// threshold of 100 rejects no node. By default, only memory has a lower threshold: workloads slow down without spare CPU
	// or bandwidth, but the kernel kills them without spare memory.
	Thresholds LoadThresholds `json:"thresholds,omitempty"`
	// MissingMetricsPolicy is the policy for nodes without a fresh usage sample: Allow scores them by the requests of their
	// pods, Deny rejects them.
	// +kubebuilder:default=Allow
	MissingMetricsPolicy MissingMetricsPolicy `json:"missingMetricsPolicy,omitempty"`
	// Metrics are the criteria for usage samples that count.
	Metrics MetricsArgs `json:"metrics,omitempty"`
}

// LoadWeights are the weights of resources in the score.
// +skerry:validation:AnyAbove=0
type LoadWeights struct {
	// CPU is the weight of CPU utilization.
	// +kubebuilder:default=0.4
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is the weight of memory utilization.
	// +kubebuilder:default=0.4
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Memory *float64 `json:"memory,omitempty"`
	// Network is the weight of network utilization.
	// +kubebuilder:default=0.2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Network *float64 `json:"network,omitempty"`
}

// LoadThresholds are the thresholds of resources, in percent of the node's capacity.
type LoadThresholds struct {
	// CPU is the threshold of CPU utilization, in percent.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=100
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is the threshold of memory utilization, in percent.
	// +kubebuilder:default=90
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=100
	Memory *float64 `json:"memory,omitempty"`
	// Network is the threshold of network utilization, in percent.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=100
	Network *float64 `json:"network,omitempty"`
}

// SetDefaults sets every absent field to its default.
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
