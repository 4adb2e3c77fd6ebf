package loadaware

import "github.com/skerry-dev/skerry/runtime/pkg/load"

const (
	// farApart are samples between which too much else changes, in windows.
	farApart = 3
	// believed is how much of a new sample of the processor or the network is believed at once. Traffic comes in bursts
	// shorter than pods stay: the mean of some samples, corrected by the pods that came and went, tells more of a node than
	// the last one does. In the latency simulation, less is better for jobs and more for services.
	believed = 0.2
)

// follows tells whether a sample comes soon after the latest.
func (a *account) follows(sample *load.Profile) bool {
	return a.sample != nil && sample.Time.After(a.sample.Time) && sample.Time.Sub(a.sample.Time) <= farApart*sample.Window
}

// moved is what pods are expected to use that a sample shows and the latest does not, less those that it is the other way
// round with.
func (a *account) moved(sample *load.Profile) (moved expectation) {
	for i := range a.stays {
		s := &a.stays[i]
		if change := s.shown(sample.Time.Add(-sample.Window), sample.Time) - a.shown(s); change != 0 {
			moved = moved.plus(s.expect(), change)
		}
	}
	return moved
}

// blend a new sample into what was known, which is led on by what pods that moved are thought to use. Memory is believed
// at once: it does not come and go in bursts, and a node that runs out of it kills pods.
func (a *account) blend(sample *load.Profile, power, perCore float64) (used [load.Dimensions]share) {
	follows := a.follows(sample)
	for _, d := range scored {
		used[d].value, used[d].known = sample.Usage.Get(d)
		if !follows || d == load.Memory || !used[d].known || !a.used[d].known {
			continue
		}
		expected := a.used[d].value
		if d == load.CPU && power > 0 {
			expected = max(0, expected+a.moved(sample).all(perCore).cores/power)
		}
		used[d].value = expected + believed*(used[d].value-expected)
	}
	return used
}
