package loadaware

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/readmostly"
)

// ledger knows each node's latest sample, the pods on it, and those that left too lately for a sample to show it. What it
// keeps follows the objects of the API, in whichever order their events come: when all are gone, so is their account.
type ledger struct {
	source    load.Source
	fresh     load.Freshness
	accounts  readmostly.Map[account]
	levels    levels
	habit     habit
	speeds    speeds
	workloads workloads
	// moved is told of each change of a node's level.
	moved func(before, after level)
}

// with changes the account of a node, if there is one; open makes one. An account that nothing keeps is closed.
func (l *ledger) with(node string, open bool, change func(a *account)) {
	for {
		a := l.accounts.Get(node)
		if a == nil {
			if !open {
				return
			}
			a = l.accounts.Make(node, func(a *account) { a.now.Store(&nothing) })
		}
		if before, after, changed := l.change(node, a, change); changed {
			l.moved(before, after)
			return
		}
		// It was closed in between.
	}
}

func (l *ledger) change(node string, a *account, change func(a *account)) (before, after level, changed bool) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.closed {
		return before, after, false
	}
	change(a)
	if !a.node && !a.occupied() {
		a.closed = true
		l.accounts.Delete(node)
		before = l.levels.remove(node)
		return before, before, true
	}
	before, after = l.levels.set(node, a.settle(), a.room.at(l.speed(a)), l.speed(a))
	return before, after, true
}

// sampled takes what is known of a node now. A sample dated in the future is no evidence: it counts as none.
func (l *ledger) sampled(node string, profile *load.Profile, now time.Time) {
	l.with(node, false, func(a *account) {
		if !a.node {
			return
		}
		l.clock(a, profile)
		if profile == nil || profile.Window <= 0 || l.fresh.State(profile.Time, now) == load.Missing {
			a.sample = nil
			return
		}
		if a.follows(profile) {
			l.study(a, profile)
		}
		a.used = a.blend(profile, a.room.cores*l.speed(a), l.habit.perCore(l.speeds.mean()))
		a.sample = profile
		for i := range a.stays {
			l.teach(a, &a.stays[i])
		}
	})
}

// clock the speed of the node's cores.
func (l *ledger) clock(a *account, profile *load.Profile) {
	speed := 0.0
	if profile != nil {
		speed = profile.Speed
	}
	l.speeds.change(a.speed, speed)
	a.speed = speed
}

// speed of a node's cores; the mean of all where it is not known.
func (l *ledger) speed(a *account) float64 {
	if a.speed == 0 {
		return l.speeds.mean()
	}
	return a.speed
}

// study what pods use of what they request, by the change from the latest sample to one that follows.
func (l *ledger) study(a *account, sample *load.Profile) {
	now, known := sample.Usage.Get(load.CPU)
	then, too := a.sample.Usage.Get(load.CPU)
	if moved := a.moved(sample); known && too {
		work := (now-then)*a.room.cores*l.speed(a) - moved.known.cores
		l.habit.learn(moved.requested.cores, work, l.speeds.mean())
	}
}

// teach the workload what the sample says that its pod used, if the pod was there for the whole window; each sample once.
func (l *ledger) teach(a *account, s *stay) {
	if s.workload == nil || a.sample == nil || s.taught.Equal(a.sample.Time) || a.shown(s) < 1 {
		return
	}
	if used, measured := a.measured(s.pod); measured {
		speed := l.speed(a)
		s.workload.learn(usage{used.Cores, used.Bytes}.at(speed), s.request.at(speed), a.sample.Time)
		s.taught = a.sample.Time
	}
}

// sized takes what a node has for pods.
func (l *ledger) sized(node *corev1.Node, now time.Time) {
	room := usage{node.Status.Allocatable.Cpu().AsApproximateFloat64(), node.Status.Allocatable.Memory().AsApproximateFloat64()}
	if known := l.accounts.Get(node.Name); known != nil && known.is(room) {
		return
	}
	came := false
	l.with(node.Name, true, func(a *account) {
		came = !a.node
		a.node, a.room = true, room
	})
	if came {
		// What was said of it before it was known was not kept.
		l.source.Repeat(node.Name, func(node string, profile *load.Profile) { l.sampled(node, profile, now) })
	}
}

// is tells whether the node is known as it is.
func (a *account) is(room usage) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.node && a.room == room
}

// forget a node that is gone.
func (l *ledger) forget(node string) {
	l.with(node, false, func(a *account) {
		l.clock(a, nil)
		a.node, a.room, a.sample = false, usage{}, nil
	})
}

// begin counts a pod from now on, or corrects when it began.
func (l *ledger) begin(node string, pod types.UID, c claim, start, now time.Time) {
	s := stay{pod: pod, claim: c, start: start}
	// Most of what one hears of a pod changes nothing here.
	if known := l.accounts.Get(node); known != nil && known.has(&s) {
		return
	}
	l.with(node, true, func(a *account) {
		a.prune(now.Add(-l.fresh.For))
		l.teach(a, a.put(s))
	})
}

// has tells whether a stay is known as it is.
func (a *account) has(s *stay) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	known := a.of(s.pod)
	return known != nil && known.claim == s.claim && known.start.Equal(s.start) && known.end.Equal(s.end)
}

// restart counts a pod that is there from now on.
func (l *ledger) restart(node string, pod types.UID, now time.Time) {
	l.with(node, false, func(a *account) {
		if s := a.of(pod); s != nil && s.running() {
			s.start = now
		}
	})
}

// end counts a pod as gone.
func (l *ledger) end(node string, pod types.UID, c claim, now time.Time) {
	l.with(node, false, func(a *account) {
		a.prune(now.Add(-l.fresh.For))
		s := stay{pod: pod, claim: c}
		if known := a.of(pod); known != nil {
			s = *known
		}
		if s.running() {
			s.end = now
		}
		a.put(s)
	})
}

// drop forgets a pod that never ran there.
func (l *ledger) drop(node string, pod types.UID) {
	l.with(node, false, func(a *account) {
		a.stays = slices.DeleteFunc(a.stays, func(s stay) bool { return s.pod == pod })
	})
}

// dropAnywhere forgets a pod of which it is not known where it ran.
func (l *ledger) dropAnywhere(pod types.UID) {
	for _, node := range l.accounts.Keys() {
		if _, runs := l.counted(node, pod); runs {
			l.drop(node, pod)
		}
	}
}

// counted is what a node's balance holds of a pod; false when the pod does not run there.
func (l *ledger) counted(node string, pod types.UID) (uses expectation, runs bool) {
	a := l.accounts.Get(node)
	if a == nil {
		return uses, false
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	s := a.of(pod)
	if s == nil || !s.running() {
		return uses, false
	}
	return a.counted(s), true
}
