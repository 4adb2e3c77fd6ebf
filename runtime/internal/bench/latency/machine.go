// Package latency simulates response times on heterogeneous nodes whose pods are placed by real scheduler plugins. It is a
// discrete-event simulation in which all work on a node shares the CPU equally.
package latency

import (
	"container/heap"
	"math"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// machine shares its CPU equally among its pieces of work. A piece uses at most one core at a time.
type machine struct {
	cores, speed float64
	// background is the fraction of the CPU that processes besides pods use.
	background float64
	work       pieces
	at         float64
	// done is the work done for a hypothetical piece that has been on the machine since the start. All pieces progress
	// equally, so a piece ends when done has increased by its work.
	done float64
	// used is the total core-seconds since the last sample.
	used float64
	// meters measure the long-running pods, in the order of their arrival.
	meters []*meter
}

// meter counts the core-seconds of one pod since the last sample.
type meter struct {
	pod  types.UID
	used float64
}

// piece is a piece of work: a job, or a request to a service.
type piece struct {
	// until is the value of machine.done at which the piece ends.
	until, arrived float64
	// meter belongs to the pod that does the work; nil if the pod is not measured.
	meter    *meter
	finished func(now float64)
}

// rate returns the work per second done for each piece. The unit of work is one second of a core of speed 1.
func (m *machine) rate() float64 {
	if len(m.work) == 0 {
		return 0
	}
	free := m.cores * (1 - m.background)
	return m.speed * math.Min(1, free/float64(len(m.work)))
}

// advance advances the time. No piece may end before now.
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

// next returns when the first piece ends, or infinity.
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

// finish finishes the piece that ends now.
func (m *machine) finish(now float64) {
	m.advance(now)
	heap.Pop(&m.work).(*piece).finished(now)
}

// measure starts to measure a pod.
func (m *machine) measure(pod types.UID) *meter {
	started := &meter{pod: pod}
	m.meters = append(m.meters, started)
	return started
}

// stopMeasuring removes the meter of a deleted pod.
func (m *machine) stopMeasuring(stopped *meter) {
	m.meters = slices.DeleteFunc(m.meters, func(other *meter) bool { return other == stopped })
}

// sample returns the CPU utilization since the last sample, and the usage of each measured pod.
func (m *machine) sample(now float64) (utilization float64, pods []load.PodUsage) {
	m.advance(now)
	utilization, m.used = m.used/m.cores/samplePeriod, 0
	for _, meter := range m.meters {
		pods = append(pods, load.PodUsage{Pod: meter.pod, Cores: meter.used / samplePeriod})
		meter.used = 0
	}
	return utilization, pods
}

// pieces is a heap whose top ends first.
type pieces []*piece

func (p pieces) Len() int           { return len(p) }
func (p pieces) Less(i, j int) bool { return p[i].until < p[j].until }
func (p pieces) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

// Push implements heap.Interface.
func (p *pieces) Push(x any) { *p = append(*p, x.(*piece)) }

// Pop implements heap.Interface.
func (p *pieces) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}
