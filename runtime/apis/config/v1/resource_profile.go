package v1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ResourceProfileArgs are the arguments of the ResourceProfile plugin.
type ResourceProfileArgs struct {
	metav1.TypeMeta `json:",inline"`
	// Scale is the amount of each free resource that the plugin normalizes to 1. Larger amounts also count as 1.
	Scale ResourceScale `json:"scale,omitempty"`
	// Headroom is how many times the pod's demand must fit into the free resources of a node for the full score.
	// +kubebuilder:default=4
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=1000
	Headroom *float64 `json:"headroom,omitempty"`
	// TrendHorizon is how far into the future the plugin extrapolates the usage trend of a node. 0s ignores trends.
	// +kubebuilder:default=15m
	// +kubebuilder:validation:Minimum=0s
	// +kubebuilder:validation:Maximum=24h
	TrendHorizon *metav1.Duration `json:"trendHorizon,omitempty"`
	// Metrics are the criteria for usage samples that count.
	Metrics MetricsArgs `json:"metrics,omitempty"`
}

// ResourceScale is an amount of each resource.
type ResourceScale struct {
	// CPU is the number of cores.
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	CPU *float64 `json:"cpu,omitempty"`
	// MemoryGB is the memory in gigabytes (10^9 bytes).
	// +kubebuilder:default=512
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS is the number of random 4 KiB reads per second.
	// +kubebuilder:default=1000
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps is the bandwidth in gigabits (10^9 bits) per second.
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// SetDefaults sets every absent field to its default.
func (a *ResourceProfileArgs) SetDefaults() {
	a.Scale.CPU = defaultTo(a.Scale.CPU, 100)
	a.Scale.MemoryGB = defaultTo(a.Scale.MemoryGB, 512)
	a.Scale.IOPS = defaultTo(a.Scale.IOPS, 1000)
	a.Scale.NetworkGbps = defaultTo(a.Scale.NetworkGbps, 10)
	a.Headroom = defaultTo(a.Headroom, 4)
	a.TrendHorizon = defaultDuration(a.TrendHorizon, 15*time.Minute)
	a.Metrics.SetDefaults()
}
