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

// ledger knows each node's latest sample, the pods on it, and those that left too lately for a sample to show it.
type ledger struct {
	// horizon is the age from which on samples have no weight, and neither has what they miss.
	horizon   time.Duration
	accounts  readmostly.Map[account]
	levels    levels
	habit     habit
	speeds    speeds
	workloads workloads
	// moved is told of each change of a node's level.
	moved func(before, after level)
}

// account is one node's page.
type account struct {
	mutex   sync.Mutex
	profile *load.Profile
	// used is what the samples so far say.
	used [load.Dimensions]share
	// room of the node in cores and bytes, and the speed of a core, 0 when it is not known.
	room  usage
	speed float64
	// In the order in which they came, so that sums come out the same each time.
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
	// missed is what the sample does not show; expected, what all pods on the node are.
	missed, expected expectation
	// speed of a core; 0 when it is not known.
	speed float64
}

// settle works the balance out anew.
func (l *ledger) settle(node string, a *account) (before, after level) {
	b := &balance{speed: a.speed}
	sampled := a.profile != nil && a.profile.Window > 0
	if sampled {
		b.sampled, b.used = a.profile.Time, a.used
		a.prune(a.profile.Time.Add(-a.profile.Window))
	}
	for _, s := range a.stays {
		uses := s.expect()
		running := 0.0
		if s.end.IsZero() {
			running = 1
			b.expected = b.expected.plus(uses, 1)
		}
		if sampled {
			b.missed = b.missed.plus(uses, running-s.shown(a.profile.Time.Add(-a.profile.Window), a.profile.Time))
		}
	}
	a.now.Store(b)
	return l.levels.set(node, b, l.power(a))
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
		l.clock(a, profile)
		power := l.power(a)
		moved, follows := a.movedBetween(a.profile, profile)
		if follows && moved.requested != (usage{}) {
			l.habit.learn(moved.requested, a.changed(profile, power).plus(moved.known, -1))
		}
		a.used = a.blend(profile, follows, moved.all(l.factors()), power)
		a.teach(profile, power)
		a.profile = profile
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

// power of a node: the work that it does in a second, and its bytes.
func (l *ledger) power(a *account) usage {
	speed := a.speed
	if speed == 0 {
		speed = l.speeds.mean()
	}
	return a.room.by(usage{speed, 1})
}

// factors that make usage, in work and bytes, of what pods request.
func (l *ledger) factors() usage { return l.habit.factors(l.speeds.mean()) }

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
	if account := l.accounts.Get(node); account != nil {
		account.mutex.Lock()
		l.clock(account, nil)
		account.mutex.Unlock()
	}
	l.accounts.Delete(node)
	l.levels.remove(node)
}

// begin counts a pod from now on, or corrects when it began.
func (l *ledger) begin(node string, pod types.UID, c claim, start, now time.Time) {
	s := stay{pod: pod, claim: c, start: start}
	// Most of what one hears of a pod changes nothing here.
	if known := l.accounts.Get(node); known != nil && known.has(s) {
		return
	}
	l.with(node, func(a *account) {
		a.prune(now.Add(-l.horizon))
		a.put(s)
	})
}

// restart counts a pod that is there from now on. Of a node that is gone, nobody asks.
func (l *ledger) restart(node string, pod types.UID, now time.Time) {
	if l.accounts.Get(node) == nil {
		return
	}
	l.with(node, func(a *account) {
		if i := a.index(pod); i >= 0 && a.stays[i].end.IsZero() {
			a.stays[i].start = now
		}
	})
}

// end counts a pod as gone. Of a node that is gone too, nobody asks.
func (l *ledger) end(node string, pod types.UID, c claim, now time.Time) {
	if l.accounts.Get(node) == nil {
		return
	}
	l.with(node, func(a *account) {
		a.prune(now.Add(-l.horizon))
		s := stay{pod: pod, claim: c}
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

// has tells whether a stay is known as it is.
func (a *account) has(s stay) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	i := a.index(s.pod)
	return i >= 0 && a.stays[i] == s
}

// put adds a stay, or replaces the one of the same pod.
func (a *account) put(s stay) {
	if i := a.index(s.pod); i >= 0 {
		a.stays[i] = s
		return
	}
	a.stays = append(a.stays, s)
}

// prune removes the pods that left before a time: later samples do not show them.
func (a *account) prune(before time.Time) {
	a.stays = slices.DeleteFunc(a.stays, func(s stay) bool { return !s.end.IsZero() && s.end.Before(before) })
}
