package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MissingPolicy says what a node without usage data is.
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
	// Weights of the dimensions in the score: not negative, not all 0. Defaults: 0.4, 0.4 and 0.2.
	Weights LoadWeights `json:"weights,omitempty"`
	// Threshold in per cent that a node's usage may reach with the pod, above 0 and at most 100; 100 refuses nothing.
	// Defaults: memory 90, the others 100, for what is short of processor or network gets slow, and of memory is killed.
	Threshold LoadThreshold `json:"threshold,omitempty"`
	// WhenMissing: Open or Closed. Default: Open.
	WhenMissing MissingPolicy `json:"whenMissing,omitempty"`
	// Data says which samples count.
	Data DataArgs `json:"data,omitempty"`
}

// LoadWeights of the dimensions.
type LoadWeights struct {
	CPU     *float64 `json:"cpu,omitempty"`
	Memory  *float64 `json:"memory,omitempty"`
	Network *float64 `json:"network,omitempty"`
}

// LoadThreshold of the dimensions, in per cent.
type LoadThreshold struct {
	CPU     *float64 `json:"cpu,omitempty"`
	Memory  *float64 `json:"memory,omitempty"`
	Network *float64 `json:"network,omitempty"`
}

// SetDefaults fills in what is not stated.
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
