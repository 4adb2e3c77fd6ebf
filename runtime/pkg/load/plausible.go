package load

import (
	"math"
	"time"
)

// Bounds of plausible values. The schema of NodeProfile has the same bounds; TestBoundsMatchTheSchema compares them.
const (
	maxCores       = 4096
	maxMemoryGB    = 65536
	maxIOPS        = 1e9
	maxNetworkGbps = 10_000
	minSpeed       = 0.001
	maxSpeed       = 1000
	// maxUsage is a fraction of the capability, maxTrend a fraction per hour.
	maxUsage = 10
	maxTrend = 120
)

var maxCapability = [Dimensions]float64{CPU: maxCores, Memory: maxMemoryGB, IO: maxIOPS, Network: maxNetworkGbps}

// plausible returns a copy of the profile without implausible values, which count as unknown. All data of the plugins
// passes through here, so no sum or mean that they compute becomes infinite or NaN.
func (p *Profile) plausible() *Profile {
	checked := *p
	for d := range Dimensions {
		checked.Capability.unsetOutside(d, 0, maxCapability[d])
		checked.Usage.unsetOutside(d, 0, maxUsage)
		checked.Trend.unsetOutside(d, -maxTrend, maxTrend)
	}
	if !(p.Speed >= minSpeed && p.Speed <= maxSpeed) {
		checked.Speed = 0
	}
	checked.Pods = nil
	if p.Window <= 0 || p.Time.IsZero() {
		checked.Usage, checked.Trend, checked.Time, checked.Window = Vector{}, Vector{}, time.Time{}, 0
		return &checked
	}
	for _, pod := range p.Pods {
		if pod.Cores >= 0 && pod.Cores <= maxCores && pod.Bytes >= 0 && pod.Bytes <= maxMemoryGB*1e9 {
			checked.Pods = append(checked.Pods, pod)
		}
	}
	return &checked
}

// unsetOutside makes a value outside the bounds unknown.
func (v *Vector) unsetOutside(d Dimension, low, high float64) {
	if !(v.values[d] >= low && v.values[d] <= high) {
		v.Set(d, math.NaN())
	}
}
