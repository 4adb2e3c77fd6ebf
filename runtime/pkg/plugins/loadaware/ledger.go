package loadaware

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/readmostly"
)

// ledger knows each node's latest sample, and the pods that came or went too lately for it to show them.
type ledger struct {
	// horizon is the age from which on samples have no weight, and neither has what they miss.
	horizon  time.Duration
	accounts readmostly.Map[account]
	levels   levels
	habit    habit
	// moved is told of each change of a node's level.
	moved func(before, after level)
}

// account is one node's page.
type account struct {
	mutex   sync.Mutex
	profile *load.Profile
	// used is what the samples so far say.
	used [load.Dimensions]share
	room usage
	// In the order in which they came, so that sums come out the same each time. They are few.
	stays []stay
	// now is all of it for those who only read.
	now atomic.Pointer[balance]
}

// balance of a node: its sample, and what that does not show of the pods that are there, less what it shows of pods
// that are gone.
type balance struct {
	// sampled is when; zero without a sample.
	sampled time.Time
	used    [load.Dimensions]share
	missed  usage
}

// settle works the balance out anew.
func (l *ledger) settle(node string, a *account) (before, after level) {
	b := &balance{}
	if a.profile != nil && a.profile.Window > 0 {
		b.sampled, b.used = a.profile.Time, a.used
		from, to := a.profile.Time.Add(-a.profile.Window), a.profile.Time
		a.prune(from)
		for _, s := range a.stays {
			running := 1.0
			if !s.end.IsZero() {
				running = 0
			}
			b.missed = b.missed.plus(s.load, running-s.shown(from, to))
		}
	}
	a.now.Store(b)
	return l.levels.set(node, b, a.room)
}

// with changes the account of a node.
func (l *ledger) with(node string, change func(a *account)) {
	a := l.accounts.Make(node)
	a.mutex.Lock()
	change(a)
	before, after := l.settle(node, a)
	a.mutex.Unlock()
	l.moved(before, after)
}

// sampled takes what is known of a node now.
func (l *ledger) sampled(node string, profile *load.Profile) {
	l.with(node, func(a *account) {
		moved, follows := a.movedBetween(a.profile, profile)
		if follows && moved != (usage{}) {
			l.habit.learn(moved, a.changed(profile))
		}
		a.used = a.blend(profile, follows, moved.by(l.habit.factors()))
		a.profile = profile
	})
}

// sized takes what a node has for pods.
func (l *ledger) sized(node *corev1.Node) {
	room := usage{node.Status.Allocatable.Cpu().AsApproximateFloat64(), node.Status.Allocatable.Memory().AsApproximateFloat64()}
	if known := l.accounts.Get(node.Name); known != nil {
		known.mutex.Lock()
		same := known.room == room
		known.mutex.Unlock()
		if same {
			return
		}
	}
	l.with(node.Name, func(a *account) { a.room = room })
}

// forget a node that is gone.
func (l *ledger) forget(node string) {
	l.accounts.Delete(node)
	l.levels.remove(node)
}

// begin counts a pod from now on, or corrects when it began.
func (l *ledger) begin(node string, pod types.UID, load usage, start, now time.Time) {
	if now.Sub(start) >= l.horizon {
		return
	}
	l.with(node, func(a *account) {
		a.prune(now.Add(-l.horizon))
		a.put(stay{pod: pod, load: load, start: start})
	})
}

// end counts a pod as gone. One that nobody knows any more had been there for long.
func (l *ledger) end(node string, pod types.UID, load usage, now time.Time) {
	l.with(node, func(a *account) {
		a.prune(now.Add(-l.horizon))
		s := stay{pod: pod, load: load}
		if i := a.index(pod); i >= 0 {
			s = a.stays[i]
		}
		if s.end.IsZero() {
			s.end = now
		}
		a.put(s)
	})
}

// drop forgets a pod that never ran there.
func (l *ledger) drop(node string, pod types.UID) {
	l.with(node, func(a *account) {
		a.stays = slices.DeleteFunc(a.stays, func(s stay) bool { return s.pod == pod })
	})
}

func (a *account) index(pod types.UID) int {
	return slices.IndexFunc(a.stays, func(s stay) bool { return s.pod == pod })
}

// put adds a stay, or replaces the one of the same pod.
func (a *account) put(s stay) {
	if i := a.index(s.pod); i >= 0 {
		a.stays[i] = s
		return
	}
	a.stays = append(a.stays, s)
}

// prune removes what happened before a time: later samples show it.
func (a *account) prune(before time.Time) {
	a.stays = slices.DeleteFunc(a.stays, func(s stay) bool { return s.last().Before(before) })
}
