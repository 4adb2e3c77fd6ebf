package loadaware

import "github.com/skerry-dev/skerry/runtime/pkg/load"

const (
	// maxGap is the maximum time between consecutive samples, in windows. Over longer gaps, too much else changes.
	maxGap = 3
	// smoothingFactor is the weight of a new CPU or network sample in the exponentially smoothed utilization. Traffic comes in
	// bursts shorter than the lifetime of pods, so several samples, corrected by the pods that started and ended in between,
	// predict the load of a node better than the latest one. In the latency simulation, a smaller factor is better for jobs,
	// and a larger one for services.
	smoothingFactor = 0.2
)

// precedes reports whether the current sample and a new one are consecutive.
func (n *nodeState) precedes(sample *load.Profile) bool {
	return n.sample != nil && sample.Time.After(n.sample.Time) && sample.Time.Sub(n.sample.Time) <= maxGap*sample.Window
}

// expectedChange returns the change in usage from the current sample to a new one that is due to pods that started or ended.
func (n *nodeState) expectedChange(sample *load.Profile) (change usageEstimate) {
	for i := range n.assignments {
		a := &n.assignments[i]
		if difference := a.overlap(sample.Time.Add(-sample.Window), sample.Time) - n.overlap(a); difference != 0 {
			change = change.plus(a.estimateUsage(), difference)
		}
	}
	return change
}

// smooth returns the utilization with a new sample. capacity is in normalized cores. Memory is not smoothed: it does not
// fluctuate like traffic, and the kernel kills pods on a node without spare memory.
func (n *nodeState) smooth(sample *load.Profile, capacity, perRequestedCore float64) (smoothed [load.Dimensions]utilization) {
	consecutive := n.precedes(sample)
	for _, d := range scoredDimensions {
		smoothed[d].value, smoothed[d].known = sample.Usage.Get(d)
		if !consecutive || d == load.Memory || !smoothed[d].known || !n.smoothed[d].known {
			continue
		}
		expected := n.smoothed[d].value
		if d == load.CPU && capacity > 0 {
			expected = max(0, expected+n.expectedChange(sample).total(perRequestedCore).cores/capacity)
		}
		smoothed[d].value = expected + smoothingFactor*(smoothed[d].value-expected)
	}
	return smoothed
}
