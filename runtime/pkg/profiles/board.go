// Package profiles learns what is known of a cluster's nodes: from NodeProfile objects and, where there are none, from
// metrics-server.
package profiles

import (
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// takeover is how much newer the sample of metrics-server has to be to stand in for a NodeProfile's: it lacks the
// network, so a short gap is better bridged.
const takeover = 2 * time.Minute

// Board is a load.Source of both origins.
type Board struct {
	load.Store

	mutex   sync.Mutex
	objects map[string]*load.Profile
	metrics map[string]*load.Profile
}

// NewBoard makes an empty one.
func NewBoard() *Board {
	return &Board{objects: map[string]*load.Profile{}, metrics: map[string]*load.Profile{}}
}

func (b *Board) put(origin map[string]*load.Profile, node string, profile *load.Profile) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if profile == nil {
		delete(origin, node)
	} else {
		origin[node] = profile
	}
	b.Put(node, merge(b.objects[node], b.metrics[node]))
}

// merge takes the capability from the object, and the usage from it too unless metrics-server is well ahead. What each pod
// uses comes from whoever tells, unless that was long before.
func merge(object, metrics *load.Profile) *load.Profile {
	switch {
	case metrics == nil:
		return object
	case object == nil:
		return metrics
	case metrics.Time.Sub(object.Time) > takeover:
		merged := *metrics
		merged.Capability, merged.Speed = object.Capability, object.Speed
		return &merged
	case len(object.Pods) == 0 && len(metrics.Pods) > 0 && object.Time.Sub(metrics.Time) <= takeover:
		merged := *object
		merged.Pods = metrics.Pods
		return &merged
	}
	return object
}
