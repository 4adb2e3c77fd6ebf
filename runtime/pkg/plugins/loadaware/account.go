package loadaware

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// account is what is known of one node. It is there while the node is, or pods that run on it.
type account struct {
	mutex sync.Mutex
	// node tells whether the node is there; closed, that the account is no longer in the ledger.
	node, closed bool
	// sample is the latest; nil without one.
	sample *load.Profile
	// used is what the samples so far say, the latest counting in part; of no meaning without a sample.
	used [load.Dimensions]share
	// room of the node in cores and bytes, and the speed of a core, 0 when it is not known.
	room  usage
	speed float64
	// In the order in which they came, so that sums come out the same each time.
	stays []stay
	// now is all of it for those who only read. It is never nil.
	now atomic.Pointer[balance]
}

// balance of a node: its sample, and what that does not show of the pods that are there, less what it shows of pods
// that are gone.
type balance struct {
	// sampled is when; zero without a sample.
	sampled time.Time
	// measured is the latest sample's usage; used, what the samples so far say.
	measured load.Vector
	used     [load.Dimensions]share
	// missed is what the sample does not show; expected, what all pods on the node are.
	missed, expected expectation
	// speed of a core; 0 when it is not known.
	speed float64
}

// settle works the balance out anew.
func (a *account) settle() *balance {
	b := &balance{speed: a.speed}
	if a.sample != nil {
		b.sampled, b.measured, b.used = a.sample.Time, a.sample.Usage, a.used
		a.prune(a.sample.Time.Add(-a.sample.Window))
	}
	for i := range a.stays {
		s := &a.stays[i]
		if s.running() {
			b.expected = b.expected.plus(s.expect(), 1)
		}
		switch {
		case a.sample == nil:
		case s.running():
			b.missed = b.missed.plus(s.expect(), 1-a.shown(s))
		default:
			b.missed = b.missed.plus(a.shows(s), -1)
		}
	}
	a.now.Store(b)
	return b
}

// shown is the share of what a pod uses that the sample shows.
func (a *account) shown(s *stay) float64 {
	return s.shown(a.sample.Time.Add(-a.sample.Window), a.sample.Time)
}

// shows is what the sample shows of a pod: its memory as it was measured, if it was. The processor's samples are
// averaged, and so is what the pod used of it.
func (a *account) shows(s *stay) expectation {
	uses := expectation{}.plus(s.expect(), a.shown(s))
	if used, measured := a.measured(s.pod); measured {
		uses.known.bytes, uses.requested.bytes = used.Bytes, 0
	}
	return uses
}

// counted is what the balance holds of a pod that runs, as far as it is known.
func (a *account) counted(s *stay) expectation {
	if a.sample == nil {
		return s.expect()
	}
	return a.shows(s).plus(s.expect(), 1-a.shown(s))
}

// measured is what a pod used by the sample.
func (a *account) measured(pod types.UID) (load.PodUsage, bool) {
	i := slices.IndexFunc(a.sample.Pods, func(used load.PodUsage) bool { return used.Pod == pod })
	if i < 0 {
		return load.PodUsage{}, false
	}
	return a.sample.Pods[i], true
}

// occupied tells whether pods run on the node.
func (a *account) occupied() bool {
	return slices.ContainsFunc(a.stays, func(s stay) bool { return s.running() })
}

// of a pod, its stay; nil when there is none.
func (a *account) of(pod types.UID) *stay {
	if i := slices.IndexFunc(a.stays, func(s stay) bool { return s.pod == pod }); i >= 0 {
		return &a.stays[i]
	}
	return nil
}

// put adds a stay, or replaces the one of the same pod.
func (a *account) put(s stay) *stay {
	if known := a.of(s.pod); known != nil {
		s.taught = known.taught
		*known = s
		return known
	}
	a.stays = append(a.stays, s)
	return &a.stays[len(a.stays)-1]
}

// prune removes the pods that left before a time: later samples do not show them.
func (a *account) prune(before time.Time) {
	a.stays = slices.DeleteFunc(a.stays, func(s stay) bool { return !s.running() && s.end.Before(before) })
}
