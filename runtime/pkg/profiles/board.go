// Package profiles learns what is known of a cluster's nodes: from NodeProfile objects and, where there are none, from
// metrics-server.
package profiles

import (
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// takeover is how much newer the sample of metrics-server has to be to stand in for a NodeProfile's: it lacks the network,
// so a short gap is better bridged. A NodeProfile's that is dated in the future bridges none.
const takeover = 2 * time.Minute

// Board is a load.Source of both origins.
type Board struct {
	load.Store
	clock clock.PassiveClock

	mutex   sync.Mutex
	objects map[string]*load.Profile
	metrics map[string]*load.Profile
}

// NewBoard makes an empty one.
func NewBoard(clock clock.PassiveClock) *Board {
	return &Board{clock: clock, objects: map[string]*load.Profile{}, metrics: map[string]*load.Profile{}}
}

func (b *Board) put(origin map[string]*load.Profile, node string, profile *load.Profile) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if profile == nil {
		delete(origin, node)
	} else {
		origin[node] = profile
	}
	b.Put(node, merge(b.objects[node], b.metrics[node], b.clock.Now()))
}

// merge takes the capability from the object, and the usage from it too unless metrics-server is well ahead. What each pod
// uses comes from the origin that tells, unless that sample is much older.
func merge(object, metrics *load.Profile, now time.Time) *load.Profile {
	if metrics == nil {
		return object
	}
	if object == nil {
		return metrics
	}
	behind := load.Distance(object.Time, now) - load.Distance(metrics.Time, now)
	switch {
	case behind > takeover:
		merged := *metrics
		merged.Capability, merged.Speed = object.Capability, object.Speed
		return &merged
	case len(object.Pods) == 0 && len(metrics.Pods) > 0 && -behind <= takeover:
		merged := *object
		merged.Pods = metrics.Pods
		return &merged
	}
	return object
}
