// Package latency simulates how long work takes on nodes that differ, with the real plugins choosing where it goes:
// discrete events, processors shared evenly.
package latency

import (
	"container/heap"
	"math"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// machine shares its processor evenly among the work on it; no piece of work runs on more than one core at once.
type machine struct {
	cores, speed float64
	// background is the share of the processor that others take.
	background float64
	work       pieces
	at         float64
	// done is how much work a piece got that was there from the start: as all get the same, a piece ends when this has
	// grown by its work.
	done float64
	// used core-seconds, of everybody, since the last sample.
	used float64
	// meters of the pods that stay, in the order in which they came.
	meters []*meter
}

// meter counts the core-seconds of one pod since the last sample.
type meter struct {
	pod  types.UID
	used float64
}

// piece of work: a job, or a request to a service. It ends when its machine has done so much.
type piece struct {
	until, arrived float64
	// meter of the pod that works on it; nil where nobody asks.
	meter    *meter
	finished func(now float64)
}

// rate is how much work a second each piece gets done; work is counted in seconds of a core of speed 1.
func (m *machine) rate() float64 {
	if len(m.work) == 0 {
		return 0
	}
	free := m.cores * (1 - m.background)
	return m.speed * math.Min(1, free/float64(len(m.work)))
}

// advance to a moment before which nothing ends.
func (m *machine) advance(now float64) {
	elapsed, rate := now-m.at, m.rate()
	m.done += rate * elapsed
	m.used += elapsed * (m.cores*m.background + rate/m.speed*float64(len(m.work)))
	for _, p := range m.work {
		if p.meter != nil {
			p.meter.used += elapsed * rate / m.speed
		}
	}
	m.at = now
}

// next is when the first piece ends.
func (m *machine) next() float64 {
	rate := m.rate()
	if rate == 0 {
		return math.Inf(1)
	}
	return m.at + math.Max(0, m.work[0].until-m.done)/rate
}

func (m *machine) add(now, work float64, p *piece) {
	m.advance(now)
	p.until = m.done + work
	heap.Push(&m.work, p)
}

// finish the piece that ends now.
func (m *machine) finish(now float64) {
	m.advance(now)
	heap.Pop(&m.work).(*piece).finished(now)
}

// measure a pod from now on.
func (m *machine) measure(pod types.UID) *meter {
	made := &meter{pod: pod}
	m.meters = append(m.meters, made)
	return made
}

// forget a pod that is gone.
func (m *machine) forget(gone *meter) {
	m.meters = slices.DeleteFunc(m.meters, func(each *meter) bool { return each == gone })
}

// sample is the share of the processor that was in use since the last one, and what each pod used of it.
func (m *machine) sample(now float64) (share float64, pods []load.PodUsage) {
	m.advance(now)
	share, m.used = m.used/m.cores/samplePeriod, 0
	for _, each := range m.meters {
		pods = append(pods, load.PodUsage{Pod: each.pod, Cores: each.used / samplePeriod})
		each.used = 0
	}
	return share, pods
}

// pieces are a heap, the first to end on top.
type pieces []*piece

func (p pieces) Len() int           { return len(p) }
func (p pieces) Less(i, j int) bool { return p[i].until < p[j].until }
func (p pieces) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

// Push is for the heap.
func (p *pieces) Push(x any) { *p = append(*p, x.(*piece)) }

// Pop is for the heap.
func (p *pieces) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}
