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

// examination is the start of a scheduling cycle, as far as the plugins that look at single nodes.
type examination struct {
	profile  *profile
	pod      *corev1.Pod
	state    fwk.CycleState
	snapshot *internalcache.Snapshot
	// status of the PreFilter plugins, and the nodes that they narrow the search to.
	status    *fwk.Status
	narrowed  *fwk.PreFilterResult
	narrowing sets.Set[string]
}

// examine updates the snapshot and runs the plugins that prepare filters.
func (s *Scheduler) examine(ctx context.Context, pod *corev1.Pod) (*examination, error) {
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
	e := &examination{
		profile: used, pod: queued.Pod, state: framework.NewCycleState(), snapshot: used.SnapshotSharedLister().(*internalcache.Snapshot),
	}
	if err := s.scheduler.Cache.UpdateSnapshot(klog.FromContext(ctx), e.snapshot); err != nil {
		return nil, err
	}
	e.narrowed, e.status, e.narrowing = used.RunPreFilterPlugins(ctx, e.state, e.pod)
	if e.status.Code() == fwk.Error {
		return nil, e.status.AsError()
	}
	return e, nil
}

// filter a node. It returns an error if a plugin fails.
func (e *examination) filter(ctx context.Context, node fwk.NodeInfo) (*fwk.Status, error) {
	verdict := e.status
	if verdict.IsSuccess() {
		verdict = e.profile.filter(ctx, e.state, e.pod, node, e.narrowed, e.narrowing)
	}
	if verdict.Code() == fwk.Error {
		return nil, verdict.AsError()
	}
	return verdict, nil
}

// Explain runs the plugins that filter and score on every node. It reserves nothing and preempts no pods.
func (s *Scheduler) Explain(ctx context.Context, pod *corev1.Pod) (*Explanation, error) {
	e, err := s.examine(ctx, pod)
	if err != nil {
		return nil, err
	}
	nodes, err := e.snapshot.NodeInfos().List()
	if err != nil {
		return nil, err
	}
	explained := &Explanation{}
	var feasible []fwk.NodeInfo
	for _, node := range nodes {
		verdict, err := e.filter(ctx, node)
		if err != nil {
			return nil, err
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
	if status := e.profile.RunPreScorePlugins(ctx, e.state, e.pod, feasible); !status.IsSuccess() {
		return nil, status.AsError()
	}
	scores, status := e.profile.Framework.RunScorePlugins(ctx, e.state, e.pod, feasible)
	explained.Scores = scores
	return explained, status.AsError()
}

// Check runs the plugins that filter on one node, and returns the verdict of the first that rejects it.
func (s *Scheduler) Check(ctx context.Context, pod *corev1.Pod, node string) (*fwk.Status, error) {
	e, err := s.examine(ctx, pod)
	if err != nil {
		return nil, err
	}
	info, err := e.snapshot.NodeInfos().Get(node)
	if err != nil {
		return nil, err
	}
	return e.filter(ctx, info)
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
