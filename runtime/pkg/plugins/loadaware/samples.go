package loadaware

import "github.com/skerry-dev/skerry/runtime/pkg/load"

const (
	// farApart are samples between which too much else changes, in windows.
	farApart = 3
	// fresh is how much of a new sample of the processor or the network is believed at once. Traffic comes in bursts
	// shorter than pods stay: the mean of some samples, corrected by the pods that came and went, tells more of a node than
	// the last one does. In the latency simulation 0.3 is best, from 0.15 to 0.5 there is little difference.
	fresh = 0.3
)

// movedBetween is what the pods requested that the second of two samples shows and the first does not, less those that
// it is the other way round with; false when the second does not follow soon on the first.
func (a *account) movedBetween(before, after *load.Profile) (usage, bool) {
	if before == nil || after == nil || !after.Time.After(before.Time) || before.Window <= 0 || after.Window <= 0 ||
		after.Time.Sub(before.Time) > farApart*after.Window {
		return usage{}, false
	}
	var moved usage
	for _, s := range a.stays {
		change := s.shown(after.Time.Add(-after.Window), after.Time) - s.shown(before.Time.Add(-before.Window), before.Time)
		moved = moved.plus(s.load, change)
	}
	return moved, true
}

// changed is by how much a sample differs from the one before it.
func (a *account) changed(after *load.Profile) usage {
	change := func(d load.Dimension, room float64) float64 {
		now, known := after.Usage.Get(d)
		then, too := a.profile.Usage.Get(d)
		if !known || !too {
			return 0
		}
		return (now - then) * room
	}
	return usage{change(load.CPU, a.room.cores), change(load.Memory, a.room.bytes)}
}

// blend a new sample into what was known, which is led on by what pods that moved are thought to use. Memory is believed
// at once: it does not come and go in bursts, and a node that runs out of it kills pods.
func (a *account) blend(sample *load.Profile, follows bool, moved usage) (used [load.Dimensions]share) {
	if sample == nil {
		return used
	}
	for _, d := range scored {
		used[d].value, used[d].known = sample.Usage.Get(d)
		if !follows || d == load.Memory || !used[d].known || !a.used[d].known {
			continue
		}
		expected := a.used[d].value
		if d == load.CPU && a.room.cores > 0 {
			expected = max(0, expected+moved.cores/a.room.cores)
		}
		used[d].value = expected + fresh*(used[d].value-expected)
	}
	return used
}
