package loadaware

import (
	"math"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// levels is how far each node was measured to be from its thresholds, side by side in memory: most pods are let in
// everywhere, and finding that out here takes microseconds, where asking node by node takes hundreds.
type levels struct {
	threshold [load.Dimensions]float64

	mutex sync.RWMutex
	index map[string]int
	// One of each for a node.
	nodes []string
	rows  []level
}

// level is what a node has left until a threshold by its sample, in work and bytes, and what the sample misses.
type level struct {
	left   usage
	missed expectation
	// speed of a core.
	speed float64
	// sampled is zero without a sample.
	sampled time.Time
}

var unlimited = level{left: usage{math.Inf(1), math.Inf(1)}}

func (l *levels) of(b *balance, power usage, speed float64) level {
	if b.sampled.IsZero() {
		return unlimited
	}
	row := level{missed: b.missed, speed: speed, sampled: b.sampled}
	left := func(d load.Dimension, all float64) float64 {
		used, known := b.measured.Get(d)
		if limit := l.threshold[d]; known && !math.IsInf(limit, 1) {
			return (limit - used) * all
		}
		return math.Inf(1)
	}
	row.left = usage{left(load.CPU, power.cores), left(load.Memory, power.bytes)}
	if left(load.Network, 1) < 0 {
		row.left = usage{math.Inf(-1), math.Inf(-1)}
	}
	return row
}

// set a node's level, and tell what it was.
func (l *levels) set(node string, b *balance, power usage, speed float64) (before, after level) {
	after = l.of(b, power, speed)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at, known := l.index[node]
	if !known {
		if l.index == nil {
			l.index = map[string]int{}
		}
		l.index[node] = len(l.nodes)
		l.nodes, l.rows = append(l.nodes, node), append(l.rows, after)
		return unlimited, after
	}
	before, l.rows[at] = l.rows[at], after
	return before, after
}

func (l *levels) remove(node string) (before level) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at, known := l.index[node]
	if !known {
		return unlimited
	}
	before = l.rows[at]
	last := len(l.nodes) - 1
	l.nodes[at], l.rows[at] = l.nodes[last], l.rows[last]
	l.index[l.nodes[at]] = at
	l.nodes, l.rows = l.nodes[:last], l.rows[:last]
	delete(l.index, node)
	return before
}

// above are the nodes that a pod may lift over a threshold by what it is expected to use, however old their samples are;
// nil when there are none.
func (l *levels) above(pod expectation) map[string]bool {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	var found map[string]bool
	for i := range l.rows {
		if l.rows[i].exceeded(pod) {
			if found == nil {
				found = map[string]bool{}
			}
			found[l.nodes[i]] = true
		}
	}
	return found
}

// exceeded with a pod. What pods request counts in cores of this node, as Kubernetes counts it.
func (l *level) exceeded(pod expectation) bool {
	used := l.missed.plus(pod, 1).all(l.speed)
	return used.cores > l.left.cores || used.bytes > l.left.bytes
}
