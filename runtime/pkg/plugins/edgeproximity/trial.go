package edgeproximity

import (
	"context"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	corev1helpers "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// preFilters is a part of upstream's framework that its handle does not declare.
type preFilters interface {
	RunPreFilterPlugins(context.Context, fwk.CycleState, *corev1.Pod) (*fwk.PreFilterResult, *fwk.Status, sets.Set[string])
}

// trial asks the other plugins of the profile where a pod fits. They decide in the end, so a check of our own that
// differs from theirs would keep the pod in a region where they refuse it.
type trial struct {
	handle fwk.Handle
	pod    *corev1.Pod
	state  fwk.CycleState
	// only are the nodes that the other plugins' PreFilters leave; nil means all.
	only sets.Set[string]
}

// inTrial marks the context of a trial.
type inTrial struct{}

// try begins a trial. It returns nil when the other plugins refuse the pod on all nodes, and when there are extenders,
// which also filter nodes and cannot be asked here.
func (p *Plugin) try(ctx context.Context, pod *corev1.Pod) *trial {
	others, ok := p.handle.(preFilters)
	if !ok || len(p.handle.Extenders()) > 0 {
		return nil
	}
	state := framework.NewCycleState()
	// This plugin skips itself in a trial.
	result, status, _ := others.RunPreFilterPlugins(context.WithValue(ctx, inTrial{}, true), state, pod)
	if !status.IsSuccess() {
		return nil
	}
	t := &trial{handle: p.handle, pod: pod, state: state}
	if !result.AllNodes() {
		t.only = result.NodeNames
	}
	return t
}

// fits tells whether the pod fits on any node of a tier. If it does not, fits also returns the nodes whose refusal
// preemption may resolve.
func (t *trial) fits(ctx context.Context, names sets.Set[string]) (fits bool, resolvable []fwk.NodeInfo) {
	var nodes []fwk.NodeInfo
	for name := range names {
		if t.only != nil && !t.only.Has(name) {
			continue
		}
		// The index may be ahead of the snapshot.
		if info, err := t.handle.SnapshotSharedLister().NodeInfos().Get(name); err == nil {
			nodes = append(nodes, info)
		}
	}
	refusals := make([]fwk.Code, len(nodes))
	if t.anyOf(ctx, len(nodes), func(ctx context.Context, i int) bool {
		refusals[i] = t.handle.RunFilterPluginsWithNominatedPods(ctx, t.state, t.pod, nodes[i]).Code()
		return refusals[i] == fwk.Success
	}) {
		return true, nil
	}
	for i, info := range nodes {
		if refusals[i] == fwk.Unschedulable {
			resolvable = append(resolvable, info)
		}
	}
	return false, resolvable
}

// mayPreempt tells whether the pod may preempt others at all.
func (t *trial) mayPreempt() bool {
	policy := t.pod.Spec.PreemptionPolicy
	return policy == nil || *policy != corev1.PreemptNever
}

// fitsByPreemption tells whether the pod would fit on any of the nodes without the pods of lower priority.
func (t *trial) fitsByPreemption(ctx context.Context, nodes []fwk.NodeInfo) bool {
	return t.anyOf(ctx, len(nodes), func(ctx context.Context, i int) bool {
		var victims []fwk.PodInfo
		for _, other := range nodes[i].GetPods() {
			if corev1helpers.PodPriority(other.GetPod()) < corev1helpers.PodPriority(t.pod) {
				victims = append(victims, other)
			}
		}
		if len(victims) == 0 {
			return false
		}
		node, state := nodes[i].Snapshot(), t.state.Clone()
		for _, victim := range victims {
			if node.RemovePod(klog.FromContext(ctx), victim.GetPod()) != nil ||
				!t.handle.RunPreFilterExtensionRemovePod(ctx, state, t.pod, victim, node).IsSuccess() {
				return false
			}
		}
		return t.handle.RunFilterPluginsWithNominatedPods(ctx, state, t.pod, node).IsSuccess()
	})
}

// anyOf tells whether a condition holds for any index below count. It stops at the first.
func (t *trial) anyOf(ctx context.Context, count int, holds func(context.Context, int) bool) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var found atomic.Bool
	t.handle.Parallelizer().Until(ctx, count, func(i int) {
		if holds(ctx, i) {
			found.Store(true)
			cancel()
		}
	}, Name)
	return found.Load()
}

// choose the tiers that the scheduler looks at: from the first where the pod fits, until they have enough nodes. When
// the pod fits nowhere, choose the first where preemption helps and, when that helps nowhere, all.
func (p *Plugin) choose(ctx context.Context, pod *corev1.Pod, tiers []tier, enough int) []tier {
	if len(tiers) < 2 {
		return tiers
	}
	t := p.try(ctx, pod)
	if t == nil {
		return tiers
	}
	resolvable := make([][]fwk.NodeInfo, len(tiers))
	for i, each := range tiers {
		var fits bool
		if fits, resolvable[i] = t.fits(ctx, each.nodes()); !fits {
			continue
		}
		end, nodes := i+1, each.nodes().Len()
		for ; nodes < enough && end < len(tiers); end++ {
			nodes += tiers[end].nodes().Len()
		}
		return tiers[i:end]
	}
	if t.mayPreempt() {
		for i := range tiers {
			if t.fitsByPreemption(ctx, resolvable[i]) {
				return tiers[i : i+1]
			}
		}
	}
	return tiers
}
