package nodeagent

import (
	"math"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/apiclient"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
)

// Bounds of the API.
const (
	maxPercent    = 1000
	maxTrend      = 12000
	maxPods       = 1024
	maxRoundTrips = 256
	maxRTTMs      = 1000
	minRTTMs      = 0.001
)

// status returns the status of the profile at a time.
func (a *Agent) status(now time.Time) apiclient.Status {
	at := func(t time.Time) apiclient.MicroTime { return apiclient.MicroTime(a.Clock.Correct(t)) }
	slopes := a.history.Trend()
	status := apiclient.Status{
		Samples: []apiclient.Sample{}, Pods: []apiclient.PodUsage{}, RoundTrips: []apiclient.RoundTrip{},
		Trend: apiclient.Trend{
			CPUPercent: bounded(slopes[0], maxTrend), MemoryPercent: bounded(slopes[1], maxTrend),
			IOPercent: bounded(slopes[2], maxTrend), NetworkPercent: bounded(slopes[3], maxTrend),
		},
	}
	samples := a.history.Samples()
	for _, sample := range samples {
		status.Samples = append(status.Samples, apiclient.Sample{
			Time: at(sample.Time), WindowSeconds: int32(math.Round(sample.Window.Seconds())),
			Usage: apiclient.Usage{
				CPUPercent: bounded(sample.CPU, maxPercent), MemoryPercent: bounded(sample.Memory, maxPercent),
				IOPercent: bounded(sample.IO, maxPercent), NetworkPercent: bounded(sample.Network, maxPercent),
			},
		})
	}
	if len(samples) > 0 {
		status.Pods = podUsage(samples[len(samples)-1].Pods)
	}
	if a.ProbeAddress != "" {
		status.ProbeAddress = &a.ProbeAddress
	}
	if a.Prober != nil {
		status.RoundTrips = roundTrips(a.Prober.Measurements(now), at)
	}
	return status
}

func podUsage(pods []usage.PodUsage) []apiclient.PodUsage {
	used := []apiclient.PodUsage{}
	for _, pod := range pods[:min(len(pods), maxPods)] {
		used = append(used, apiclient.PodUsage{UID: pod.UID, CPUCores: round(pod.Cores, 1e4), MemoryBytes: pod.Bytes})
	}
	return used
}

func roundTrips(measurements []roundtrip.Measurement, at func(time.Time) apiclient.MicroTime) []apiclient.RoundTrip {
	measured := []apiclient.RoundTrip{}
	for _, each := range measurements[:min(len(measurements), maxRoundTrips)] {
		measured = append(measured, apiclient.RoundTrip{
			Region: each.Region, MedianMs: min(maxRTTMs, max(minRTTMs, milliseconds(each.Median))),
			SpreadMs: min(maxRTTMs, milliseconds(each.Spread)), Probes: int32(each.Probes), Time: at(each.Time),
		})
	}
	return measured
}

func milliseconds(duration time.Duration) float64 { return float64(duration.Microseconds()) / 1e3 }

// capability returns the hardware: what was declared for it, and else what the kernel reports. The speed of cores is always
// measured, so the speeds of all nodes have the same unit.
func (a *Agent) capability() apiclient.Capability {
	mbps := a.declared.NetworkMbps
	if mbps <= 0 {
		mbps = a.hardware.LinkMbps
	}
	capability := apiclient.Capability{
		CPU: positive(float64(a.hardware.Cores)), MemoryGB: positive(round(a.hardware.MemoryBytes/1e9, 10)),
		IOPS: positive(a.declared.IOPS), NetworkGbps: positive(round(mbps/1e3, 1e6)),
	}
	if speed := a.speed.Load(); speed != nil {
		capability.CoreSpeed = positive(round(*speed, 1e3))
	}
	return capability
}

func equal(a, b apiclient.Capability) bool {
	same := func(x, y *float64) bool { return (x == nil) == (y == nil) && (x == nil || *x == *y) }
	return same(a.CPU, b.CPU) && same(a.CoreSpeed, b.CoreSpeed) && same(a.MemoryGB, b.MemoryGB) && same(a.IOPS, b.IOPS) &&
		same(a.NetworkGbps, b.NetworkGbps)
}

func round(value, perUnit float64) float64 { return math.Round(value*perUnit) / perUnit }

// bounded returns the value, rounded to 0.1 and limited to the bound; nil if it is NaN.
func bounded(value, bound float64) *float64 {
	if math.IsNaN(value) {
		return nil
	}
	value = round(min(bound, max(-bound, value)), 10)
	return &value
}

// positive returns the value; nil if it is unknown.
func positive(value float64) *float64 {
	if !(value > 0) {
		return nil
	}
	return &value
}
