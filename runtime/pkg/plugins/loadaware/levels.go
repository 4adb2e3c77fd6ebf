package loadaware

import (
	"sync"

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
	busy [load.Dimensions]float64
	room usage
}

func (l *levels) set(node string, b *balance, room usage) {
	row := level{node: node, room: room}
	if !b.sampled.IsZero() {
		row.busy[load.CPU] = over(b.missed.cores, room.cores)
		row.busy[load.Memory] = over(b.missed.bytes, room.bytes)
		for _, d := range scored {
			row.busy[d] += b.used[d].value
		}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if at, known := l.index[node]; known {
		l.rows[at] = row
		return
	}
	if l.index == nil {
		l.index = map[string]int{}
	}
	l.index[node] = len(l.rows)
	l.rows = append(l.rows, row)
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
// none.
func (l *levels) above(threshold *[load.Dimensions]float64, pod usage) map[string]bool {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	var found map[string]bool
	for i := range l.rows {
		row := &l.rows[i]
		if row.busy[load.CPU]*row.room.cores+pod.cores > threshold[load.CPU]*row.room.cores ||
			row.busy[load.Memory]*row.room.bytes+pod.bytes > threshold[load.Memory]*row.room.bytes ||
			row.busy[load.Network] > threshold[load.Network] {
			if found == nil {
				found = map[string]bool{}
			}
			found[row.node] = true
		}
	}
	return found
}
