package load

import (
	"math"
	"time"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// FromObject is a NodeProfile as the plugins use it: its newest sample, with shares instead of per cents. A sample with
// a number that is negative or not finite knows nothing in that dimension.
func FromObject(object *v1alpha1.NodeProfile) *Profile {
	profile := &Profile{}
	capability := object.Spec.Capability
	set(&profile.Capability, 1, capability.CPU, capability.MemoryGB, capability.IOPS, capability.NetworkGbps)
	if speed := capability.CoreSpeed; speed != nil && *speed > 0 && !math.IsInf(*speed, 1) {
		profile.Speed = *speed
	}
	var newest *v1alpha1.Sample
	for i := range object.Status.Samples {
		sample := &object.Status.Samples[i]
		if sample.WindowSeconds > 0 && (newest == nil || sample.Time.After(newest.Time.Time)) {
			newest = sample
		}
	}
	if newest == nil {
		return profile
	}
	profile.Time, profile.Window = newest.Time.Time, time.Duration(newest.WindowSeconds)*time.Second
	set(&profile.Usage, 0.01, newest.CPUPercent, newest.MemoryPercent, newest.IOPercent, newest.NetworkPercent)
	for _, pod := range object.Status.Pods {
		if pod.CPUCores >= 0 && pod.MemoryBytes >= 0 && !math.IsInf(pod.CPUCores+pod.MemoryBytes, 1) {
			profile.Pods = append(profile.Pods, PodUsage{Pod: pod.UID, Cores: pod.CPUCores, Bytes: pod.MemoryBytes})
		}
	}
	if trend := object.Status.Trend; trend != nil {
		for d, value := range []*float64{trend.CPUPercent, trend.MemoryPercent, trend.IOPercent, trend.NetworkPercent} {
			if value != nil {
				profile.Trend.Set(Dimension(d), *value/100)
			}
		}
	}
	return profile
}

func set(into *Vector, scale float64, values ...*float64) {
	for d, value := range values {
		if value != nil && *value >= 0 {
			into.Set(Dimension(d), *value*scale)
		}
	}
}
