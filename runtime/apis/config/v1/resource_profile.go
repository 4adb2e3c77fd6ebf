package v1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ResourceProfileArgs configure the plugin ResourceProfile.
type ResourceProfileArgs struct {
	metav1.TypeMeta `json:",inline"`
	// Scale is the amount of each resource that gets the full score. Larger nodes get no more.
	Scale Scale `json:"scale,omitempty"`
	// Headroom is how many times the pod's demand must fit into the free resources for the full score.
	// +kubebuilder:default=4
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=1000
	Headroom *float64 `json:"headroom,omitempty"`
	// TrendHorizon is how far ahead the trend of a node's usage is extrapolated. 0s ignores trends.
	// +kubebuilder:default=15m
	// +kubebuilder:validation:Minimum=0s
	// +kubebuilder:validation:Maximum=24h
	TrendHorizon *metav1.Duration `json:"trendHorizon,omitempty"`
	// Data selects the samples that count.
	Data DataArgs `json:"data,omitempty"`
}

// Scale is the amount of each resource that gets the full score.
type Scale struct {
	// CPU is the number of cores.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	CPU *float64 `json:"cpu,omitempty"`
	// MemoryGB is the memory in 10^9 bytes.
	// +kubebuilder:default=512
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS is the number of random reads of 4 KiB per second.
	// +kubebuilder:default=1000
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps is the network bandwidth in 10^9 bits per second.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// SetDefaults sets every absent field to its default.
func (a *ResourceProfileArgs) SetDefaults() {
	a.Scale.CPU = or(a.Scale.CPU, 100)
	a.Scale.MemoryGB = or(a.Scale.MemoryGB, 512)
	a.Scale.IOPS = or(a.Scale.IOPS, 1000)
	a.Scale.NetworkGbps = or(a.Scale.NetworkGbps, 10)
	a.Headroom = or(a.Headroom, 4)
	a.TrendHorizon = orDuration(a.TrendHorizon, 15*time.Minute)
	a.Data.SetDefaults()
}
