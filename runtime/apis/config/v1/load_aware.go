package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MissingPolicy decides how nodes without usage data are treated.
// +kubebuilder:validation:Enum=Open;Closed
type MissingPolicy string

// The policies.
const (
	// Open places pods there by their requests, as the stock scheduler would.
	Open MissingPolicy = "Open"
	// Closed places no pods there.
	Closed MissingPolicy = "Closed"
)

// LoadAwareArgs configure the plugin LoadAware.
type LoadAwareArgs struct {
	metav1.TypeMeta `json:",inline"`
	// Weights are the weights of CPU, memory and network usage in the score. At least one must be above 0.
	Weights LoadWeights `json:"weights,omitempty"`
	// Threshold is the highest usage that a node may reach with the pod. 100 never rejects a node. By default only memory
	// has a lower threshold: pods that lack CPU or network become slow, but pods that lack memory are killed.
	Threshold LoadThreshold `json:"threshold,omitempty"`
	// WhenMissing is the policy for nodes without usage data: Open scores them by requests, Closed rejects them.
	// +kubebuilder:default=Open
	WhenMissing MissingPolicy `json:"whenMissing,omitempty"`
	// Data selects the samples that count.
	Data DataArgs `json:"data,omitempty"`
}

// LoadWeights are the weights of each kind of usage in the score.
// +skerry:validation:AnyAbove=0
type LoadWeights struct {
	// CPU is the weight of CPU usage.
	// +kubebuilder:default=0.4
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is the weight of memory usage.
	// +kubebuilder:default=0.4
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Memory *float64 `json:"memory,omitempty"`
	// Network is the weight of network usage.
	// +kubebuilder:default=0.2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Network *float64 `json:"network,omitempty"`
}

// LoadThreshold is the highest usage of each resource, in percent of the node's capacity.
type LoadThreshold struct {
	// CPU is the limit of CPU usage, in percent.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=100
	CPU *float64 `json:"cpu,omitempty"`
	// Memory is the limit of memory usage, in percent.
	// +kubebuilder:default=90
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=100
	Memory *float64 `json:"memory,omitempty"`
	// Network is the limit of network usage, in percent.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=100
	Network *float64 `json:"network,omitempty"`
}

// SetDefaults sets every absent field to its default.
func (a *LoadAwareArgs) SetDefaults() {
	a.Weights.CPU = or(a.Weights.CPU, 0.4)
	a.Weights.Memory = or(a.Weights.Memory, 0.4)
	a.Weights.Network = or(a.Weights.Network, 0.2)
	a.Threshold.CPU = or(a.Threshold.CPU, 100)
	a.Threshold.Memory = or(a.Threshold.Memory, 90)
	a.Threshold.Network = or(a.Threshold.Network, 100)
	if a.WhenMissing == "" {
		a.WhenMissing = Open
	}
	a.Data.SetDefaults()
}
