package loadaware

import "github.com/skerry-dev/skerry/runtime/pkg/load"

const (
	// farApart are samples between which too much else changes, in windows.
	farApart = 3
	// fresh is how much of a new sample of the processor or the network is believed at once. Traffic comes in bursts
	// shorter than pods stay: the mean of some samples, corrected by the pods that came and went, tells more of a node than
	// the last one does. In the latency simulation, less is better for jobs and more for services.
	fresh = 0.2
)

// movedBetween two samples is what pods are expected to use that the second shows and the first does not, less those that
// it is the other way round with; false when the second does not follow soon on the first.
func (a *account) movedBetween(before, after *load.Profile) (moved expectation, follows bool) {
	if before == nil || after == nil || !after.Time.After(before.Time) || before.Window <= 0 || after.Window <= 0 ||
		after.Time.Sub(before.Time) > farApart*after.Window {
		return moved, false
	}
	for _, s := range a.stays {
		change := s.shown(after.Time.Add(-after.Window), after.Time) - s.shown(before.Time.Add(-before.Window), before.Time)
		if change != 0 {
			moved = moved.plus(s.expect(), change)
		}
	}
	return moved, true
}

// teach the workloads what their pods used, of those that were there for the whole window.
func (a *account) teach(sample *load.Profile, power usage) {
	if sample == nil || len(sample.Pods) == 0 || a.room.cores <= 0 || a.profile != nil && !sample.Time.After(a.profile.Time) {
		return
	}
	speed := power.cores / a.room.cores
	for _, used := range sample.Pods {
		i := a.index(used.Pod)
		if i < 0 || a.stays[i].workload == nil || a.stays[i].shown(sample.Time.Add(-sample.Window), sample.Time) < 1 {
			continue
		}
		a.stays[i].workload.learn(usage{used.Cores * speed, used.Bytes}, sample.Time)
	}
}

// changed is by how much a sample differs from the one before it, in work and bytes.
func (a *account) changed(after *load.Profile, power usage) usage {
	change := func(d load.Dimension, room float64) float64 {
		now, known := after.Usage.Get(d)
		then, too := a.profile.Usage.Get(d)
		if !known || !too {
			return 0
		}
		return (now - then) * room
	}
	return usage{change(load.CPU, power.cores), change(load.Memory, power.bytes)}
}

// blend a new sample into what was known, which is led on by what pods that moved are thought to use. Memory is believed
// at once: it does not come and go in bursts, and a node that runs out of it kills pods.
func (a *account) blend(sample *load.Profile, follows bool, moved, power usage) (used [load.Dimensions]share) {
	if sample == nil {
		return used
	}
	for _, d := range scored {
		used[d].value, used[d].known = sample.Usage.Get(d)
		if !follows || d == load.Memory || !used[d].known || !a.used[d].known {
			continue
		}
		expected := a.used[d].value
		if d == load.CPU && power.cores > 0 {
			expected = max(0, expected+moved.cores/power.cores)
		}
		used[d].value = expected + fresh*(used[d].value-expected)
	}
	return used
}
