package roundtrip

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	// regionInterval is the time between two probes of the same region, while there are few regions.
	regionInterval = 30 * time.Second
	// minInterval limits a node to 30 probes per minute, however many regions there are.
	minInterval = 2 * time.Second
	// listInterval is the time after which the list of nodes is read again, while it has no nodes of other regions.
	listInterval = 5 * time.Second
)

// Prober probes the other regions in turn, one probe at a time.
type Prober struct {
	// Node is the name of the node.
	Node string
	// Source is the address of the node that probes are sent from, so that a node with several addresses is measured at the one
	// that it announces. Optional.
	Source netip.Addr
	// Nodes returns the nodes that take part in the measurement.
	Nodes func() []Node
	// Interval overrides the time between two probes.
	Interval time.Duration

	mutex   sync.Mutex
	windows map[string]window
	// turns counts the probes of each region, to probe its nodes in turn.
	turns map[string]int
}

// Run probes until the context ends.
func (p *Prober) Run(ctx context.Context) {
	for position := 0; ; position++ {
		targets := targetsFor(p.Node, p.Nodes())
		p.retain(targets)
		regions := slices.Sorted(maps.Keys(targets))
		if !pause(ctx, p.interval(regions)) {
			return
		}
		if len(regions) > 0 {
			p.probe(regions[position%len(regions)], targets)
		}
	}
}

// interval returns the time until the next probe. It varies, so that nodes do not probe in step. The first probes of a region
// follow each other faster, so that a new node soon has a measurement of it.
func (p *Prober) interval(regions []string) time.Duration {
	if p.Interval > 0 {
		return p.Interval
	}
	var mean time.Duration
	switch {
	case len(regions) == 0:
		mean = listInterval
	case p.isNew(regions):
		mean = minInterval
	default:
		mean = max(minInterval, regionInterval/time.Duration(len(regions)))
	}
	return mean*9/10 + rand.N(mean/5)
}

// isNew reports whether a region has had fewer probes than a measurement needs, whether they were answered or not.
func (p *Prober) isNew(regions []string) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return slices.ContainsFunc(regions, func(region string) bool { return p.turns[region] < minResults })
}

func (p *Prober) probe(region string, targets map[string][]target) {
	p.mutex.Lock()
	turn := p.turns[region]
	p.turns[region]++
	p.mutex.Unlock()
	each := targets[region][turn%len(targets[region])]
	roundTrip, err := Probe(p.Source, each.node, each.address)
	if err != nil {
		return
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.windows[region] = p.windows[region].add(result{time.Now(), roundTrip})
}

// retain forgets regions without targets.
func (p *Prober) retain(targets map[string][]target) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.windows == nil {
		p.windows, p.turns = map[string]window{}, map[string]int{}
	}
	for region := range p.turns {
		if targets[region] == nil {
			delete(p.turns, region)
			delete(p.windows, region)
		}
	}
}

// Measurements returns the round-trip times to other regions, by region.
func (p *Prober) Measurements(now time.Time) []Measurement {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var measurements []Measurement
	for region, window := range p.windows {
		if measured, ok := window.measure(region, now); ok {
			measurements = append(measurements, measured)
		}
	}
	slices.SortFunc(measurements, func(a, b Measurement) int { return cmp.Compare(a.Region, b.Region) })
	return measurements
}
