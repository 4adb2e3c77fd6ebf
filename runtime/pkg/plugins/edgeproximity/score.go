package edgeproximity

import (
	"context"
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// HalfScoreMs is the round-trip time in ms that halves a node's score.
const HalfScoreMs = 50

// PreScore skips pods without a region, and pods that require exactly one.
func (p *Plugin) PreScore(_ context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) *fwk.Status {
	if c := p.constraints.Read(state); !c.hasRegion() || c.required != "" && len(c.fallback) == 0 {
		return fwk.NewStatus(fwk.Skip)
	}
	return nil
}

// Score returns a score by the rank of the node's region if the pod has fallback regions. Otherwise it returns 100 in the
// served region, halves with every HalfScoreMs of round-trip time from there, and is 0 for an unknown round-trip time.
func (p *Plugin) Score(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	c := p.constraints.Read(state)
	if !c.hasRegion() {
		return 0, nil
	}
	if regions := len(c.fallback) + 1; regions > 1 {
		rank := max(0, c.rank(edgeRegion(info.Node())))
		return fwk.MaxNodeScore * int64(regions-rank) / int64(regions), nil
	}
	link, known := p.links.Matrix().Link(c.origin(), locationOf(info.Node()))
	if !known {
		klog.FromContext(ctx).V(4).Info("Unknown round-trip time, scoring 0", "pod", klog.KObj(pod), "from", c.origin(), "to", locationOf(info.Node()))
		return fwk.MinNodeScore, nil
	}
	return int64(math.Round(float64(fwk.MaxNodeScore) * math.Exp2(-link.RTTMs/HalfScoreMs))), nil
}

// ScoreExtensions returns nil, because scores do not depend on other nodes and need no normalization.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }
