// Package edgeproximity implements a scheduler plugin that keeps pods in the regions that they require, and near the region
// that they serve.
package edgeproximity

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/cycle"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
)

// Name is the name of the plugin in a scheduler's configuration.
const Name = "EdgeProximity"

// Plugin filters and scores nodes by region.
type Plugin struct {
	links       links.Source
	index       *Index
	handle      fwk.Handle
	metrics     *observe.Metrics
	book        *explain.Book
	constraints cycle.Cache[*constraints]
}

var (
	_ fwk.PreFilterPlugin   = &Plugin{}
	_ fwk.FilterPlugin      = &Plugin{}
	_ fwk.PreScorePlugin    = &Plugin{}
	_ fwk.ScorePlugin       = &Plugin{}
	_ fwk.ReservePlugin     = &Plugin{}
	_ fwk.EnqueueExtensions = &Plugin{}
)

// New returns a plugin. The index must belong to the same cluster as the handle. The handle may be nil; then the plugin
// neither dry-runs other plugins, nor activates waiting pods, nor explains placements.
func New(source links.Source, index *Index, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	p := &Plugin{links: source, index: index, handle: handle, metrics: metrics, book: book, constraints: cycle.Cache[*constraints]{Key: "skerry.dev/" + Name}}
	book.AddRemarks(ignoredAnnotations)
	if handle != nil {
		source.Subscribe(p.activateWaiting)
	}
	return p
}

// Name implements fwk.Plugin.
func (p *Plugin) Name() string { return Name }

// minNearNodes is the number of nearest nodes that PreFilter keeps for a pod without a required region, if there are that
// many. The scheduler always filters at least that many (upstream's minFeasibleNodesToFind).
const minNearNodes = 100

// PreFilter narrows the nodes to those that the constraints allow and, of those, to the first region in which the pod fits.
// Scores cannot enforce this order, because in a large cluster the scheduler scores only some of the nodes.
func (p *Plugin) PreFilter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	c := parseConstraints(pod)
	if !c.hasRegion() || ctx.Value(dryRunKey{}) != nil {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	p.constraints.Write(state, c)
	tiers := p.tiers(c)
	if len(tiers) == 0 {
		p.metrics.RecordRejection(Name, "no_region")
		return nil, fwk.NewStatus(fwk.UnschedulableAndUnresolvable, p.noNodesMessage(c))
	}
	minNodes := 1
	if c.required == "" {
		minNodes = minNearNodes
	}
	chosen := p.chooseTiers(ctx, pod, tiers, minNodes)
	for _, region := range c.requiredRegions()[:max(0, c.rank(chosen[0].region))] {
		if p.isWithinBudget(c, region) {
			c.skipped = append(c.skipped, region)
		}
	}
	if c.allowsAllNodes() && len(chosen) == len(tiers) {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	return &fwk.PreFilterResult{NodeNames: union(chosen)}, nil
}

// isWithinBudget reports whether a location is within the pod's round-trip budget. Locations at an unknown round-trip time
// are not.
func (p *Plugin) isWithinBudget(c *constraints, location string) bool {
	if c.maxRTT == 0 {
		return true
	}
	link, known := p.links.Matrix().Link(c.origin(), location)
	return known && link.RTTMs <= c.maxRTT
}

// noNodesMessage explains that no node satisfies the constraints.
func (p *Plugin) noNodesMessage(c *constraints) string {
	if !p.links.Matrix().HasRegion(c.origin()) {
		return fmt.Sprintf("unknown region %q: links.json does not contain it", c.origin())
	}
	limit := ""
	if c.maxRTT > 0 {
		limit = fmt.Sprintf(" within %v ms", c.maxRTT)
	}
	if c.required == "" {
		return fmt.Sprintf("pod serves region %s, but this cluster has no node%s of it", c.near, limit)
	}
	return fmt.Sprintf("pod requires region %s, where this cluster has no edge node%s", enumerate(c.requiredRegions(), " or "), limit)
}

// PreFilterExtensions returns nil, because other pods do not affect the constraints.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return nil }

// Filter rejects nodes outside the pod's regions or budget.
func (p *Plugin) Filter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	c := p.constraints.Read(state)
	if !c.hasRegion() {
		return nil
	}
	region, location := edgeRegion(info.Node()), locationOf(info.Node())
	switch {
	case c.required != "" && region == "":
		p.metrics.RecordRejection(Name, "other_region")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, "node has no edge region, pod requires "+c.required)
	case c.required != "" && c.rank(region) < 0:
		p.metrics.RecordRejection(Name, "other_region")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node is in %s, pod requires %s", region, enumerate(c.requiredRegions(), " or ")))
	case c.maxRTT > 0 && !p.isWithinBudget(c, location):
		p.metrics.RecordRejection(Name, "too_far")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, p.tooFarMessage(c, location))
	}
	return nil
}

// tooFarMessage explains that a location exceeds the budget.
func (p *Plugin) tooFarMessage(c *constraints, location string) string {
	if location == "" {
		return fmt.Sprintf("node has no region, pod must be within %v ms of %s", c.maxRTT, c.origin())
	}
	if _, known := p.links.Matrix().Link(c.origin(), location); !known {
		return fmt.Sprintf("node is in %s, at an unknown round-trip time from %s, pod must be within %v ms", location, c.origin(), c.maxRTT)
	}
	return fmt.Sprintf("node is in %s, more than %v ms from %s", location, c.maxRTT, c.origin())
}
