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

// preFilterRunner is implemented by upstream's framework, but not part of fwk.Handle.
type preFilterRunner interface {
	RunPreFilterPlugins(context.Context, fwk.CycleState, *corev1.Pod) (*fwk.PreFilterResult, *fwk.Status, sets.Set[string])
}

// dryRun runs the filters of the other plugins of the profile. Those plugins decide whether the pod fits, so a separate check
// could differ and keep the pod in a region whose nodes they reject.
type dryRun struct {
	handle fwk.Handle
	pod    *corev1.Pod
	state  fwk.CycleState
	// candidates are the nodes that the PreFilters of the other plugins accept; nil means all.
	candidates sets.Set[string]
}

// dryRunKey is the context key of a dry run.
type dryRunKey struct{}

// startDryRun runs the PreFilters. It returns nil if another plugin rejects the pod on all nodes, or if the profile has
// extenders, which also filter nodes but cannot be dry-run.
func (p *Plugin) startDryRun(ctx context.Context, pod *corev1.Pod) *dryRun {
	runner, ok := p.handle.(preFilterRunner)
	if !ok || len(p.handle.Extenders()) > 0 {
		return nil
	}
	state := framework.NewCycleState()
	// The key makes this plugin skip itself.
	result, status, _ := runner.RunPreFilterPlugins(context.WithValue(ctx, dryRunKey{}, true), state, pod)
	if !status.IsSuccess() {
		return nil
	}
	d := &dryRun{handle: p.handle, pod: pod, state: state}
	if !result.AllNodes() {
		d.candidates = result.NodeNames
	}
	return d
}

// fits reports whether the pod fits on any of the nodes. If not, it also returns the nodes whose rejection preemption may
// resolve.
func (d *dryRun) fits(ctx context.Context, names sets.Set[string]) (fits bool, resolvable []fwk.NodeInfo) {
	var nodes []fwk.NodeInfo
	for name := range names {
		if d.candidates != nil && !d.candidates.Has(name) {
			continue
		}
		// The index may be ahead of the snapshot.
		if info, err := d.handle.SnapshotSharedLister().NodeInfos().Get(name); err == nil {
			nodes = append(nodes, info)
		}
	}
	codes := make([]fwk.Code, len(nodes))
	if d.any(ctx, len(nodes), func(ctx context.Context, i int) bool {
		codes[i] = d.handle.RunFilterPluginsWithNominatedPods(ctx, d.state, d.pod, nodes[i]).Code()
		return codes[i] == fwk.Success
	}) {
		return true, nil
	}
	for i, info := range nodes {
		if codes[i] == fwk.Unschedulable {
			resolvable = append(resolvable, info)
		}
	}
	return false, resolvable
}

// canPreempt reports whether the pod's preemption policy allows preemption.
func (d *dryRun) canPreempt() bool {
	policy := d.pod.Spec.PreemptionPolicy
	return policy == nil || *policy != corev1.PreemptNever
}

// fitsAfterPreemption reports whether the pod would fit on any of the nodes without the pods of lower priority.
func (d *dryRun) fitsAfterPreemption(ctx context.Context, nodes []fwk.NodeInfo) bool {
	return d.any(ctx, len(nodes), func(ctx context.Context, i int) bool {
		var victims []fwk.PodInfo
		for _, other := range nodes[i].GetPods() {
			if corev1helpers.PodPriority(other.GetPod()) < corev1helpers.PodPriority(d.pod) {
				victims = append(victims, other)
			}
		}
		if len(victims) == 0 {
			return false
		}
		node, state := nodes[i].Snapshot(), d.state.Clone()
		for _, victim := range victims {
			if node.RemovePod(klog.FromContext(ctx), victim.GetPod()) != nil ||
				!d.handle.RunPreFilterExtensionRemovePod(ctx, state, d.pod, victim, node).IsSuccess() {
				return false
			}
		}
		return d.handle.RunFilterPluginsWithNominatedPods(ctx, state, d.pod, node).IsSuccess()
	})
}

// any reports whether a condition holds for any index below count. It stops at the first.
func (d *dryRun) any(ctx context.Context, count int, holds func(context.Context, int) bool) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var found atomic.Bool
	d.handle.Parallelizer().Until(ctx, count, func(i int) {
		if holds(ctx, i) {
			found.Store(true)
			cancel()
		}
	}, Name)
	return found.Load()
}

// chooseTiers returns the tiers that the scheduler filters: those from the first in which the pod fits until they have
// minNodes nodes. If the pod fits in none, it returns the first in which preemption helps, and otherwise all.
func (p *Plugin) chooseTiers(ctx context.Context, pod *corev1.Pod, tiers []tier, minNodes int) []tier {
	if len(tiers) < 2 {
		return tiers
	}
	d := p.startDryRun(ctx, pod)
	if d == nil {
		return tiers
	}
	resolvable := make([][]fwk.NodeInfo, len(tiers))
	for i, tier := range tiers {
		var fits bool
		if fits, resolvable[i] = d.fits(ctx, tier.nodes()); !fits {
			continue
		}
		end, nodes := i+1, tier.nodes().Len()
		for ; nodes < minNodes && end < len(tiers); end++ {
			nodes += tiers[end].nodes().Len()
		}
		return tiers[i:end]
	}
	if d.canPreempt() {
		for i := range tiers {
			if d.fitsAfterPreemption(ctx, resolvable[i]) {
				return tiers[i : i+1]
			}
		}
	}
	return tiers
}
