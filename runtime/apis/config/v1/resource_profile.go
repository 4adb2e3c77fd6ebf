package v1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ResourceProfileArgs configure the plugin ResourceProfile.
type ResourceProfileArgs struct {
	metav1.TypeMeta `json:",inline"`
	// Scale is what counts as full in each dimension; a node that has more counts as full too.
	Scale Scale `json:"scale,omitempty"`
	// Headroom is how many times the pod's demand has to fit into what is free for full marks; above 1. Default: 4.
	Headroom *float64 `json:"headroom,omitempty"`
	// TrendHorizon is how far ahead a node's trend is followed; 0 ignores trends. Default: 15m.
	TrendHorizon *metav1.Duration `json:"trendHorizon,omitempty"`
	// Data says which samples count.
	Data DataArgs `json:"data,omitempty"`
}

// Scale of each dimension; all above 0.
type Scale struct {
	// CPU in cores. Default: 100.
	CPU *float64 `json:"cpu,omitempty"`
	// MemoryGB in 10^9 bytes. Default: 512.
	MemoryGB *float64 `json:"memoryGB,omitempty"`
	// IOPS, random reads of 4 KiB a second. Default: 1000.
	IOPS *float64 `json:"iops,omitempty"`
	// NetworkGbps in 10^9 bits a second. Default: 10.
	NetworkGbps *float64 `json:"networkGbps,omitempty"`
}

// SetDefaults fills in what is not stated.
func (a *ResourceProfileArgs) SetDefaults() {
	a.Scale.CPU = or(a.Scale.CPU, 100)
	a.Scale.MemoryGB = or(a.Scale.MemoryGB, 512)
	a.Scale.IOPS = or(a.Scale.IOPS, 1000)
	a.Scale.NetworkGbps = or(a.Scale.NetworkGbps, 10)
	a.Headroom = or(a.Headroom, 4)
	a.TrendHorizon = orDuration(a.TrendHorizon, 15*time.Minute)
	a.Data.SetDefaults()
}
