package edgeproximity

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/util/sets"
)

// tier is a group of nodes that a pod likes equally well.
type tier struct {
	// region of the nodes; empty for the nodes at an unknown distance.
	region string
	// nodes are looked up once, when they are needed: most pods need the first tier only.
	nodes func() sets.Set[string]
}

// tiers of nodes that a pod's regions and budget allow, the best first. None is empty.
func (p *Plugin) tiers(w *wish) []tier {
	if w.required == "" {
		return p.tiersByDistance(w)
	}
	var tiers []tier
	for _, region := range w.allowed() {
		if !p.within(w, region) {
			continue
		}
		if nodes := p.index.Edge(region); nodes.Len() > 0 {
			tiers = append(tiers, tier{region, func() sets.Set[string] { return nodes }})
		}
	}
	return tiers
}

// tiersByDistance are one for each place, the nearest first, and one for all places at an unknown distance.
func (p *Plugin) tiersByDistance(w *wish) []tier {
	type distant struct {
		place string
		rtt   float64
	}
	var known []distant
	var unknown []string
	matrix := p.links.Matrix()
	for _, place := range p.index.Places() {
		rtt := math.Inf(1)
		if link, ok := matrix.Link(w.served(), place); ok {
			rtt = link.RTTMs
		}
		switch {
		case w.maxRTT > 0 && rtt > w.maxRTT:
		case math.IsInf(rtt, 1):
			unknown = append(unknown, place)
		default:
			known = append(known, distant{place, rtt})
		}
	}
	slices.SortFunc(known, func(a, b distant) int {
		return cmp.Or(cmp.Compare(a.rtt, b.rtt), cmp.Compare(a.place, b.place))
	})
	tiers := make([]tier, 0, len(known)+1)
	for _, at := range known {
		tiers = append(tiers, tier{at.place, sync.OnceValue(func() sets.Set[string] { return p.index.Place(at.place) })})
	}
	if len(unknown) > 0 {
		tiers = append(tiers, tier{"", sync.OnceValue(func() sets.Set[string] {
			names := sets.New[string]()
			for _, place := range unknown {
				names = names.Union(p.index.Place(place))
			}
			return names
		})})
	}
	return tiers
}

// union of the nodes of tiers.
func union(tiers []tier) sets.Set[string] {
	if len(tiers) == 1 {
		return tiers[0].nodes()
	}
	names := sets.New[string]()
	for _, each := range tiers {
		for name := range each.nodes() {
			names.Insert(name)
		}
	}
	return names
}
