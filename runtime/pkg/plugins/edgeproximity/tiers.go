package edgeproximity

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/util/sets"
)

// tier is a group of equally preferred nodes.
type tier struct {
	// region is the region or location of the nodes; empty for the nodes at an unknown round-trip time.
	region string
	// nodes looks up the nodes on demand, because most pods need the first tier only.
	nodes func() sets.Set[string]
}

// tiers returns the non-empty tiers of nodes that the constraints allow, in order of preference.
func (p *Plugin) tiers(c *constraints) []tier {
	if c.required == "" {
		return p.tiersByDistance(c)
	}
	var tiers []tier
	for _, region := range c.requiredRegions() {
		if !p.isWithinBudget(c, region) {
			continue
		}
		if nodes := p.index.EdgeNodes(region); nodes.Len() > 0 {
			tiers = append(tiers, tier{region, func() sets.Set[string] { return nodes }})
		}
	}
	return tiers
}

// tiersByDistance returns one tier per location, the nearest first, and a last one for all locations at an unknown round-trip
// time.
func (p *Plugin) tiersByDistance(c *constraints) []tier {
	type candidate struct {
		location string
		rtt      float64
	}
	var known []candidate
	var unknown []string
	matrix := p.links.Matrix()
	for _, location := range p.index.Locations() {
		rtt := math.Inf(1)
		if link, ok := matrix.Link(c.origin(), location); ok {
			rtt = link.RTTMs
		}
		switch {
		case c.maxRTT > 0 && rtt > c.maxRTT:
		case math.IsInf(rtt, 1):
			unknown = append(unknown, location)
		default:
			known = append(known, candidate{location, rtt})
		}
	}
	slices.SortFunc(known, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rtt, b.rtt), cmp.Compare(a.location, b.location))
	})
	tiers := make([]tier, 0, len(known)+1)
	for _, near := range known {
		tiers = append(tiers, tier{near.location, sync.OnceValue(func() sets.Set[string] { return p.index.NodesAt(near.location) })})
	}
	if len(unknown) > 0 {
		tiers = append(tiers, tier{"", sync.OnceValue(func() sets.Set[string] {
			names := sets.New[string]()
			for _, location := range unknown {
				names = names.Union(p.index.NodesAt(location))
			}
			return names
		})})
	}
	return tiers
}

// union returns the nodes of all tiers.
func union(tiers []tier) sets.Set[string] {
	if len(tiers) == 1 {
		return tiers[0].nodes()
	}
	names := sets.New[string]()
	for _, tier := range tiers {
		for name := range tier.nodes() {
			names.Insert(name)
		}
	}
	return names
}
