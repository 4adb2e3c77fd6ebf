// Package profiles provides the profiles of a cluster's nodes, from NodeProfile objects and from metrics-server.
package profiles

import (
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// takeoverAge is how much newer a sample of metrics-server must be to replace the sample of a NodeProfile. It bridges short
// gaps in NodeProfiles, because metrics-server does not measure the network.
const takeoverAge = 2 * time.Minute

// Source is a load.Source that merges NodeProfile objects and metrics-server.
type Source struct {
	load.Store
	clock clock.PassiveClock

	mutex       sync.Mutex
	fromObjects map[string]*load.Profile
	fromMetrics map[string]*load.Profile
}

// NewSource returns an empty Source. Watch and PollMetricsServer fill it.
func NewSource(clock clock.PassiveClock) *Source {
	return &Source{clock: clock, fromObjects: map[string]*load.Profile{}, fromMetrics: map[string]*load.Profile{}}
}

// set replaces the profile of a node in one of the two origins, and publishes the merged profile.
func (s *Source) set(origin map[string]*load.Profile, node string, profile *load.Profile) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if profile == nil {
		delete(origin, node)
	} else {
		origin[node] = profile
	}
	s.Put(node, merge(s.fromObjects[node], s.fromMetrics[node], s.clock.Now()))
}

// merge takes the capability from the NodeProfile, and the usage too unless the sample of metrics-server is much newer.
// The usage of pods comes from metrics-server if the NodeProfile has none, unless that sample is much older.
func merge(object, metrics *load.Profile, now time.Time) *load.Profile {
	if metrics == nil {
		return object
	}
	if object == nil {
		return metrics
	}
	lag := load.Distance(object.Time, now) - load.Distance(metrics.Time, now)
	switch {
	case lag > takeoverAge:
		merged := *metrics
		merged.Capability, merged.Speed = object.Capability, object.Speed
		return &merged
	case len(object.Pods) == 0 && len(metrics.Pods) > 0 && -lag <= takeoverAge:
		merged := *object
		merged.Pods = metrics.Pods
		return &merged
	}
	return object
}
