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
	slacks  []slack
	nodes   []string
	sampled []time.Time
}

// slack is what a node has left until a threshold by its sample, in work and bytes, and what that misses.
type slack struct {
	left   usage
	missed expectation
}

// level is a node's at one moment; sampled is zero without a sample.
type level struct {
	slack
	sampled time.Time
}

var unlimited = usage{math.Inf(1), math.Inf(1)}

func (l *levels) of(b *balance, power usage) level {
	if b.sampled.IsZero() {
		return level{slack: slack{left: unlimited}}
	}
	left := unlimited
	if limit := l.threshold[load.CPU]; !math.IsInf(limit, 1) {
		left.cores = (limit - b.used[load.CPU].value) * power.cores
	}
	if limit := l.threshold[load.Memory]; !math.IsInf(limit, 1) {
		left.bytes = (limit - b.used[load.Memory].value) * power.bytes
	}
	if b.used[load.Network].value > l.threshold[load.Network] {
		left = usage{math.Inf(-1), math.Inf(-1)}
	}
	return level{slack{left, b.missed}, b.sampled}
}

// set a node's level, and tell what it was.
func (l *levels) set(node string, b *balance, power usage) (before, after level) {
	after = l.of(b, power)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at, known := l.index[node]
	if !known {
		if l.index == nil {
			l.index = map[string]int{}
		}
		l.index[node] = len(l.nodes)
		l.nodes, l.slacks, l.sampled = append(l.nodes, node), append(l.slacks, after.slack), append(l.sampled, after.sampled)
		return level{slack: slack{left: unlimited}}, after
	}
	before = level{l.slacks[at], l.sampled[at]}
	l.slacks[at], l.sampled[at] = after.slack, after.sampled
	return before, after
}

func (l *levels) remove(node string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at, known := l.index[node]
	if !known {
		return
	}
	last := len(l.nodes) - 1
	l.nodes[at], l.slacks[at], l.sampled[at] = l.nodes[last], l.slacks[last], l.sampled[last]
	l.index[l.nodes[at]] = at
	l.nodes, l.slacks, l.sampled = l.nodes[:last], l.slacks[:last], l.sampled[:last]
	delete(l.index, node)
}

// above are the nodes that a pod may lift over a threshold by what it is expected to use, however far their samples are
// trusted; nil when there are none.
func (l *levels) above(pod, habit usage) map[string]bool {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	var found map[string]bool
	for i := range l.slacks {
		if l.slacks[i].exceeded(pod, habit) {
			if found == nil {
				found = map[string]bool{}
			}
			found[l.nodes[i]] = true
		}
	}
	return found
}

// exceeded with a pod.
func (s *slack) exceeded(pod, habit usage) bool {
	used := s.missed.all(habit).plus(pod, 1)
	return used.cores > s.left.cores || used.bytes > s.left.bytes
}
