package scheduling

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	internalcache "k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// Explanation is what a profile says of every node for one pod.
type Explanation struct {
	// Rejected nodes, with the verdict of the first plugin that rejects them.
	Rejected []Rejection
	// Scores of all other nodes.
	Scores []fwk.NodePluginScores
}

// Rejection of a node.
type Rejection struct {
	Node   string
	Status *fwk.Status
}

// Explain runs the plugins that filter and score on every node. It reserves nothing and preempts nobody.
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
		verdict := status
		if status.IsSuccess() {
			verdict = used.filter(ctx, state, pod, node, narrowed, narrowing)
		}
		if verdict.Code() == fwk.Error {
			return nil, verdict.AsError()
		}
		if verdict.IsSuccess() {
			feasible = append(feasible, node)
		} else {
			explained.Rejected = append(explained.Rejected, Rejection{node.Node().Name, verdict})
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

// filter a node. A node that PreFilter plugins left out is rejected by them, unless a filter rejects it as well.
func (p *profile) filter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo, narrowed *fwk.PreFilterResult, narrowing sets.Set[string]) *fwk.Status {
	verdict := p.RunFilterPluginsWithNominatedPods(ctx, state, pod, node)
	if !verdict.IsSuccess() || narrowed.AllNodes() || narrowed.NodeNames.Has(node.Node().Name) {
		return verdict
	}
	by := sets.List(narrowing)
	rejected := fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node(s) didn't satisfy plugin(s) %v", by))
	if len(by) > 0 {
		rejected.SetPlugin(by[0])
	}
	return rejected
}
