package loadaware

import (
	"math"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// headrooms holds the headroom of all nodes, contiguously in memory. Most pods exceed the threshold of no node; finding that
// out here takes microseconds, instead of hundreds when each node is filtered.
type headrooms struct {
	thresholds [load.Dimensions]float64

	mutex sync.RWMutex
	index map[string]int
	// names and values are parallel.
	names  []string
	values []headroom
}

// headroom is how far the latest sample of a node is below the thresholds, and what the sample lacks.
type headroom struct {
	// left is in normalized cores; infinite without a sample or a threshold.
	left       resources
	correction usageEstimate
	coreSpeed  float64
	// sampledAt is zero without a sample.
	sampledAt time.Time
}

var unlimited = headroom{left: resources{math.Inf(1), math.Inf(1)}}

// compute returns the headroom of a node with the given capacity in normalized cores.
func (h *headrooms) compute(s *nodeSnapshot, capacity resources, coreSpeed float64) headroom {
	if s.sampledAt.IsZero() {
		return unlimited
	}
	left := func(d load.Dimension, total float64) float64 {
		used, known := s.sampled.Get(d)
		if threshold := h.thresholds[d]; known && !math.IsInf(threshold, 1) {
			return (threshold - used) * total
		}
		return math.Inf(1)
	}
	room := headroom{correction: s.correction, coreSpeed: coreSpeed, sampledAt: s.sampledAt}
	room.left = resources{left(load.CPU, capacity.cores), left(load.Memory, capacity.bytes)}
	if left(load.Network, 1) < 0 {
		room.left = resources{math.Inf(-1), math.Inf(-1)}
	}
	return room
}

// set replaces the headroom of a node.
func (h *headrooms) set(node string, s *nodeSnapshot, capacity resources, coreSpeed float64) (before, after headroom) {
	after = h.compute(s, capacity, coreSpeed)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	at, found := h.index[node]
	if !found {
		if h.index == nil {
			h.index = map[string]int{}
		}
		h.index[node] = len(h.names)
		h.names, h.values = append(h.names, node), append(h.values, after)
		return unlimited, after
	}
	before, h.values[at] = h.values[at], after
	return before, after
}

func (h *headrooms) remove(node string) (before headroom) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	at, found := h.index[node]
	if !found {
		return unlimited
	}
	before = h.values[at]
	last := len(h.names) - 1
	h.names[at], h.values[at] = h.names[last], h.values[last]
	h.index[h.names[at]] = at
	h.names, h.values = h.names[:last], h.values[:last]
	delete(h.index, node)
	return before
}

// exceededBy returns the nodes whose thresholds a pod may exceed, regardless of the age of their samples; nil if there are
// none.
func (h *headrooms) exceededBy(pod usageEstimate) map[string]bool {
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	var exceeded map[string]bool
	for i := range h.values {
		if h.values[i].exceededBy(pod) {
			if exceeded == nil {
				exceeded = map[string]bool{}
			}
			exceeded[h.names[i]] = true
		}
	}
	return exceeded
}

// exceededBy reports whether the node exceeds a threshold with a pod. Requested cores are cores of this node, as in
// Kubernetes.
func (h *headroom) exceededBy(pod usageEstimate) bool {
	used := h.correction.plus(pod, 1).total(h.coreSpeed)
	return used.cores > h.left.cores || used.bytes > h.left.bytes
}
