package scheduling

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	internalcache "k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/names"
)

// Explanation is what a profile says of every node for one pod.
type Explanation struct {
	// Rejected nodes, with the verdict of every plugin that rejects them.
	Rejected []Rejection
	// Scores of all other nodes.
	Scores []fwk.NodePluginScores
}

// Rejection of a node.
type Rejection struct {
	Node     *corev1.Node
	Statuses []*fwk.Status
}

// Explain runs the plugins that filter and score on every node. It reserves nothing and preempts no pods.
func (s *Scheduler) Explain(ctx context.Context, pod *corev1.Pod) (*Explanation, error) {
	used := s.profiles[pod.Spec.SchedulerName]
	if used == nil {
		return nil, fmt.Errorf("no scheduler has a profile %q", pod.Spec.SchedulerName)
	}
	info, err := framework.NewPodInfo(pod)
	if err != nil {
		return nil, err
	}
	s.next = &framework.QueuedPodInfo{PodInfo: info}
	queued, err := s.scheduler.NextPod(klog.FromContext(ctx))
	if err != nil {
		return nil, err
	}
	own := nodeaffinity.GetRequiredNodeAffinity(pod)
	pod = queued.Pod
	snapshot := used.SnapshotSharedLister().(*internalcache.Snapshot)
	if err := s.scheduler.Cache.UpdateSnapshot(klog.FromContext(ctx), snapshot); err != nil {
		return nil, err
	}
	nodes, err := snapshot.NodeInfos().List()
	if err != nil {
		return nil, err
	}
	state := framework.NewCycleState()
	narrowed, status, narrowing := used.RunPreFilterPlugins(ctx, state, pod)
	if status.Code() == fwk.Error {
		return nil, status.AsError()
	}
	explained := &Explanation{}
	var feasible []fwk.NodeInfo
	for _, node := range nodes {
		rejected := []*fwk.Status{status}
		if status.IsSuccess() {
			if rejected, err = used.rejections(ctx, state, pod, node, narrowed, narrowing); err != nil {
				return nil, err
			}
		}
		if len(rejected) == 0 {
			feasible = append(feasible, node)
		} else {
			explained.Rejected = append(explained.Rejected, Rejection{node.Node(), withoutAdded(rejected, own, node.Node())})
		}
	}
	if len(feasible) == 0 {
		return explained, nil
	}
	if status := used.RunPreScorePlugins(ctx, state, pod, feasible); !status.IsSuccess() {
		return nil, status.AsError()
	}
	explained.Scores, status = used.Framework.RunScorePlugins(ctx, state, pod, feasible)
	return explained, status.AsError()
}

// withoutAdded drops the verdict on affinity that the pod does not have itself: EdgeProximity has added it, and gives its
// own verdict.
func withoutAdded(rejected []*fwk.Status, own nodeaffinity.RequiredNodeAffinity, node *corev1.Node) []*fwk.Status {
	if matches, err := own.Match(node); err != nil || !matches || len(rejected) == 1 {
		return rejected
	}
	return slices.DeleteFunc(rejected, func(status *fwk.Status) bool { return status.Plugin() == names.NodeAffinity })
}

// LeftOut starts the verdict on a node that a PreFilter plugin leaves out and no filter rejects.
const LeftOut = "node(s) didn't satisfy plugin(s)"

// rejections returns the verdict of every plugin that rejects a node. Upstream's filters stop at the first, so those
// that have rejected the node are skipped until the others accept it.
func (p *profile) rejections(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo, narrowed *fwk.PreFilterResult, narrowing sets.Set[string]) ([]*fwk.Status, error) {
	before := state.GetSkipFilterPlugins()
	defer state.SetSkipFilterPlugins(before)
	skipped := sets.New[string]().Union(before)
	var rejections []*fwk.Status
	for {
		verdict := p.RunFilterPluginsWithNominatedPods(ctx, state, pod, node)
		if verdict.Code() == fwk.Error {
			return nil, verdict.AsError()
		}
		if verdict.IsSuccess() || skipped.Has(verdict.Plugin()) {
			break
		}
		rejections = append(rejections, verdict)
		skipped.Insert(verdict.Plugin())
		state.SetSkipFilterPlugins(skipped)
	}
	if narrowed.AllNodes() || narrowed.NodeNames.Has(node.Node().Name) || skipped.HasAny(sets.List(narrowing)...) {
		return rejections, nil
	}
	// A PreFilter plugin left the node out, and no filter says why.
	by := sets.List(narrowing)
	rejected := fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("%s %v", LeftOut, by))
	if len(by) > 0 {
		rejected.SetPlugin(by[0])
	}
	return append(rejections, rejected), nil
}
