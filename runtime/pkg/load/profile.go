package load

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Profile is what is known of one node. It does not change: who learns more makes a new one.
type Profile struct {
	// Capability in cores, GB, IOPS and Gbit/s.
	Capability Vector
	// Speed of one core, against the cores of other nodes; 0 when nobody knows.
	Speed float64
	// Usage is the share of the capability that was in use, 0 to 1 and above when more was asked for than there is:
	// the mean over Window, which ended at Time.
	Usage Vector
	// Trend is the change of the usage in an hour, as a share of the capability.
	Trend  Vector
	Time   time.Time
	Window time.Duration
	// Pods is what each pod used over the window, as far as it is measured.
	Pods []PodUsage
}

// PodUsage is what one pod used, in the mean over a window.
type PodUsage struct {
	Pod          types.UID
	Cores, Bytes float64
}

// Source tells what is known of nodes, now and whenever that changes; nil when nothing is known any more. Calls come
// one at a time.
type Source interface {
	Follow(tell func(node string, profile *Profile))
	// Repeat tells once more what is known of a node, if anything is.
	Repeat(node string, tell func(node string, profile *Profile))
}

// Store is a Source that is told what it knows.
type Store struct {
	mutex     sync.Mutex
	known     map[string]*Profile
	followers []func(node string, profile *Profile)
}

// Follow is told of every node that is known already, and of every change.
func (s *Store) Follow(tell func(node string, profile *Profile)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.followers = append(s.followers, tell)
	for node, profile := range s.known {
		tell(node, profile)
	}
}

// Repeat tells once more what is known of a node.
func (s *Store) Repeat(node string, tell func(node string, profile *Profile)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if profile := s.known[node]; profile != nil {
		tell(node, profile)
	}
}

// Put replaces what is known of a node, without the numbers that cannot be true; nil forgets it.
func (s *Store) Put(node string, profile *Profile) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.known == nil {
		s.known = map[string]*Profile{}
	}
	if profile == nil {
		delete(s.known, node)
	} else {
		profile = profile.plausible()
		s.known[node] = profile
	}
	for _, tell := range s.followers {
		tell(node, profile)
	}
}
