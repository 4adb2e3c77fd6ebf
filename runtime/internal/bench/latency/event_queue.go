package latency

import (
	"container/heap"
	"math"
	"slices"
)

// eventQueue contains future events in chronological order. Simultaneous events keep the order in which they were added.
type eventQueue struct {
	entries entries
	added   int
}

type entry struct {
	at       float64
	sequence int
	run      func(now float64)
}

type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].sequence < e[j].sequence
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements heap.Interface.
func (e *entries) Push(x any) { *e = append(*e, x.(entry)) }

// Pop implements heap.Interface.
func (e *entries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (q *eventQueue) add(at float64, run func(now float64)) {
	q.added++
	heap.Push(&q.entries, entry{at, q.added, run})
}

// next returns the time of the next event, or infinity.
func (q *eventQueue) next() float64 {
	if len(q.entries) == 0 {
		return math.Inf(1)
	}
	return q.entries[0].at
}

func (q *eventQueue) pop() func(now float64) { return heap.Pop(&q.entries).(entry).run }

// modulate advances a modulation until the measurement ends.
func (q *eventQueue) modulate(m *modulation) {
	if m.changes > warmUp+measured {
		return
	}
	q.add(m.changes, func(now float64) {
		m.advance(now)
		q.modulate(m)
	})
}

// maxFactor returns the highest factor of the modulation.
func (m *modulation) maxFactor() float64 {
	switch m.pattern {
	case Bursts:
		return burstFactor
	case Recorded:
		return slices.Max(m.recorded)
	}
	return 1
}
