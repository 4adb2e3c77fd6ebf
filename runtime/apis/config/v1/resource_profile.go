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
	// Allowed: above 1, at most 1000. Defaults to 4.
	Headroom *float64 `json:"headroom,omitempty"`
	// TrendHorizon is how far into the future the plugin extrapolates the usage trend of a node; 0s ignores trends.
	// Allowed: 0s to 24h. Defaults to 15m.
	TrendHorizon *metav1.Duration `json:"trendHorizon,omitempty"`
	// Metrics configures which usage samples count.
	Metrics MetricsArgs `json:"metrics,omitempty"`
}

// ResourceScale is an amount of each resource.
type ResourceScale struct {
	// CPU is a number of cores. Allowed: above 0. Defaults to 100.
	CPU *float64 `json:"cpu,omitempty"`
	// MemoryGB is an amount of memory in gigabytes (10^9 bytes). Allowed: above 0. Defaults to 512.
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS is a number of random 4 KiB reads per second. Allowed: above 0. Defaults to 1000.
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps is a bandwidth in gigabits (10^9 bits) per second. Allowed: above 0. Defaults to 10.
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// SetDefaults sets the fields that are nil.
func (a *ResourceProfileArgs) SetDefaults() {
	a.Scale.CPU = defaultTo(a.Scale.CPU, 100)
	a.Scale.MemoryGB = defaultTo(a.Scale.MemoryGB, 512)
	a.Scale.IOPS = defaultTo(a.Scale.IOPS, 1000)
	a.Scale.NetworkGbps = defaultTo(a.Scale.NetworkGbps, 10)
	a.Headroom = defaultTo(a.Headroom, 4)
	a.TrendHorizon = defaultDuration(a.TrendHorizon, 15*time.Minute)
	a.Metrics.SetDefaults()
}
