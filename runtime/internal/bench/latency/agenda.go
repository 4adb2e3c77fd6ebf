package latency

import (
	"container/heap"
	"math"
	"slices"
)

// agenda is what will happen, in the order of time; what was added first comes first.
type agenda struct {
	entries entries
	added   int
}

type entry struct {
	at   float64
	turn int
	act  func(now float64)
}

type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].turn < e[j].turn
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push is for the heap.
func (e *entries) Push(x any) { *e = append(*e, x.(entry)) }

// Pop is for the heap.
func (e *entries) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (a *agenda) add(at float64, act func(now float64)) {
	a.added++
	heap.Push(&a.entries, entry{at, a.added, act})
}

// next moment at which something happens.
func (a *agenda) next() float64 {
	if len(a.entries) == 0 {
		return math.Inf(1)
	}
	return a.entries[0].at
}

func (a *agenda) pop() func(now float64) { return heap.Pop(&a.entries).(entry).act }

// modulate turns a modulation as long as something is measured.
func (a *agenda) modulate(m *modulation) {
	if m.changes > warmUp+measured {
		return
	}
	a.add(m.changes, func(now float64) {
		m.turn(now)
		a.modulate(m)
	})
}

// most is the highest factor that a modulation takes.
func (m *modulation) most() float64 {
	switch m.pattern {
	case Bursts:
		return loud
	case Recorded:
		return slices.Max(m.recorded)
	}
	return 1
}
