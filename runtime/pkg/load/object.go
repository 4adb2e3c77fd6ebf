package load

import (
	"time"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// FromObject converts a NodeProfile. It takes the newest sample that is not from the future, because a clock that was
// ahead for a while leaves samples from the future behind. Percentages become fractions.
func FromObject(object *v1alpha1.NodeProfile, now time.Time) *Profile {
	profile := &Profile{}
	capability := object.Spec.Capability
	setScaled(&profile.Capability, 1, capability.CPU, capability.MemoryGB, capability.IOPS, capability.NetworkGbps)
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
	setScaled(&profile.Usage, 0.01, newest.CPUPercent, newest.MemoryPercent, newest.IOPercent, newest.NetworkPercent)
	for _, pod := range object.Status.Pods {
		profile.Pods = append(profile.Pods, PodUsage{Pod: pod.UID, Cores: pod.CPUCores, Bytes: pod.MemoryBytes})
	}
	if trend := object.Status.Trend; trend != nil {
		setScaled(&profile.Trend, 0.01, trend.CPUPercent, trend.MemoryPercent, trend.IOPercent, trend.NetworkPercent)
	}
	return profile
}

// setScaled sets each dimension whose value is not nil. Values are in the order of the dimensions.
func setScaled(vector *Vector, scale float64, values ...*float64) {
	for d, value := range values {
		if value != nil {
			vector.Set(Dimension(d), *value*scale)
		}
	}
}
