package load

import (
	"math"
	"time"
)

// Bounds of what a node can be and do. The schema of NodeProfile has the same; a test compares them.
const (
	maxCores       = 4096
	maxMemoryGB    = 65536
	maxIOPS        = 1e9
	maxNetworkGbps = 10_000
	minSpeed       = 0.001
	maxSpeed       = 1000
	// maxUsage and maxTrend are shares of the capability; the trend is that of an hour.
	maxUsage = 10
	maxTrend = 120
)

var maxCapability = [Dimensions]float64{CPU: maxCores, Memory: maxMemoryGB, IO: maxIOPS, Network: maxNetworkGbps}

// plausible is the profile without the numbers that cannot be true: those count as not known. All that the plugins learn
// comes from here, so that nothing they add up or average can become infinite or NaN.
func (p *Profile) plausible() *Profile {
	checked := *p
	for d := range Dimensions {
		checked.Capability.limit(d, 0, maxCapability[d])
		checked.Usage.limit(d, 0, maxUsage)
		checked.Trend.limit(d, -maxTrend, maxTrend)
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

// limit forgets a number outside of the bounds.
func (v *Vector) limit(d Dimension, least, most float64) {
	if !(v.values[d] >= least && v.values[d] <= most) {
		v.Set(d, math.NaN())
	}
}
