package loadaware

import (
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// levels is how full each node was measured to be, side by side in memory: most pods are let in everywhere, and finding
// that out here takes microseconds, where asking node by node takes hundreds.
type levels struct {
	mutex sync.RWMutex
	rows  []level
	index map[string]int
}

type level struct {
	node string
	// sampled is when; zero without a sample.
	sampled time.Time
	// used by the sample: cores, bytes, and the share of the network.
	used    usage
	network float64
	// missed by the sample, in requests.
	missed usage
	room   usage
}

// set a node's level, and tell what it was; all zero for a new node.
func (l *levels) set(node string, b *balance, room usage) (before, after level) {
	row := level{node: node, sampled: b.sampled, room: room}
	if !b.sampled.IsZero() {
		row.used = usage{b.used[load.CPU].value * room.cores, b.used[load.Memory].value * room.bytes}
		row.network, row.missed = b.used[load.Network].value, b.missed
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if at, known := l.index[node]; known {
		before, l.rows[at] = l.rows[at], row
		return before, row
	}
	if l.index == nil {
		l.index = map[string]int{}
	}
	l.index[node] = len(l.rows)
	l.rows = append(l.rows, row)
	return before, row
}

func (l *levels) remove(node string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	at, known := l.index[node]
	if !known {
		return
	}
	last := len(l.rows) - 1
	l.rows[at] = l.rows[last]
	l.index[l.rows[at].node] = at
	l.rows = l.rows[:last]
	delete(l.index, node)
}

// above are the nodes that a pod may lift over a threshold, however far their samples are trusted; nil when there are
// none. What pods use is what they request times their habit.
func (l *levels) above(threshold *[load.Dimensions]float64, pod, habit usage) map[string]bool {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	var found map[string]bool
	for i := range l.rows {
		if row := &l.rows[i]; row.over(threshold, pod, habit) {
			if found == nil {
				found = map[string]bool{}
			}
			found[row.node] = true
		}
	}
	return found
}

// over a threshold with a pod.
func (row *level) over(threshold *[load.Dimensions]float64, pod, habit usage) bool {
	lifted := row.used.plus(row.missed.plus(pod, 1).by(habit), 1)
	return lifted.cores > threshold[load.CPU]*row.room.cores || lifted.bytes > threshold[load.Memory]*row.room.bytes ||
		row.network > threshold[load.Network]
}
