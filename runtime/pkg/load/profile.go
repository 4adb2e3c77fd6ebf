package load

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Profile is the capability and the latest usage sample of a node. It is immutable.
type Profile struct {
	// Capability in cores, GB, IOPS and Gbit/s.
	Capability Vector
	// Speed of one core relative to the cores of other nodes; 0 if unknown.
	Speed float64
	// Usage is the mean usage over Window, as a fraction of the capability. It exceeds 1 when demand exceeds capability.
	Usage Vector
	// Trend is the change of the usage per hour, as a fraction of the capability.
	Trend Vector
	// Time is the end of Window; zero without a usage sample.
	Time   time.Time
	Window time.Duration
	// Pods is the measured usage of the node's pods over Window. It may be incomplete.
	Pods []PodUsage
}

// PodUsage is the mean usage of one pod over a window.
type PodUsage struct {
	Pod          types.UID
	Cores, Bytes float64
}

// Source provides the profiles of nodes. It makes one call of a subscriber at a time.
type Source interface {
	// Subscribe calls update with the profile of every node that has one, and then with every change. The profile is nil
	// when a node no longer has one.
	Subscribe(update func(node string, profile *Profile))
	// Replay calls update with the current profile of a node, if the node has one.
	Replay(node string, update func(node string, profile *Profile))
}

// Store is a Source in memory.
type Store struct {
	mutex       sync.Mutex
	profiles    map[string]*Profile
	subscribers []func(node string, profile *Profile)
}

// Subscribe implements Source.
func (s *Store) Subscribe(update func(node string, profile *Profile)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.subscribers = append(s.subscribers, update)
	for node, profile := range s.profiles {
		update(node, profile)
	}
}

// Replay implements Source.
func (s *Store) Replay(node string, update func(node string, profile *Profile)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if profile := s.profiles[node]; profile != nil {
		update(node, profile)
	}
}

// Put replaces the profile of a node and drops implausible values. A nil profile removes it.
func (s *Store) Put(node string, profile *Profile) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.profiles == nil {
		s.profiles = map[string]*Profile{}
	}
	if profile == nil {
		delete(s.profiles, node)
	} else {
		profile = profile.plausible()
		s.profiles[node] = profile
	}
	for _, update := range s.subscribers {
		update(node, profile)
	}
}
