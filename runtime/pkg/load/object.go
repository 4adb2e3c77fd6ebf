package load

import (
	"time"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// FromObject is a NodeProfile as the plugins use it: the newest sample that is not dated in the future, with shares instead
// of per cents. A node whose clock was ahead for a while leaves samples of the future behind.
func FromObject(object *v1alpha1.NodeProfile, now time.Time) *Profile {
	profile := &Profile{}
	capability := object.Spec.Capability
	set(&profile.Capability, 1, capability.CPU, capability.MemoryGB, capability.IOPS, capability.NetworkGbps)
	if capability.CoreSpeed != nil {
		profile.Speed = *capability.CoreSpeed
	}
	var newest *v1alpha1.Sample
	for i := range object.Status.Samples {
		sample := &object.Status.Samples[i]
		if sample.WindowSeconds > 0 && (newest == nil || Distance(sample.Time.Time, now) <= Distance(newest.Time.Time, now)) {
			newest = sample
		}
	}
	if newest == nil {
		return profile
	}
	profile.Time, profile.Window = newest.Time.Time, time.Duration(newest.WindowSeconds)*time.Second
	set(&profile.Usage, 0.01, newest.CPUPercent, newest.MemoryPercent, newest.IOPercent, newest.NetworkPercent)
	for _, pod := range object.Status.Pods {
		profile.Pods = append(profile.Pods, PodUsage{Pod: pod.UID, Cores: pod.CPUCores, Bytes: pod.MemoryBytes})
	}
	if trend := object.Status.Trend; trend != nil {
		set(&profile.Trend, 0.01, trend.CPUPercent, trend.MemoryPercent, trend.IOPercent, trend.NetworkPercent)
	}
	return profile
}

func set(into *Vector, scale float64, values ...*float64) {
	for d, value := range values {
		if value != nil {
			into.Set(Dimension(d), *value*scale)
		}
	}
}
