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

// examination is a scheduling cycle after PreFilter: what the plugins that examine single nodes work with.
type examination struct {
	profile *profile
	// own affinity of the pod, before plugins add to it.
	own      nodeaffinity.RequiredNodeAffinity
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
		profile:  used,
		own:      nodeaffinity.GetRequiredNodeAffinity(pod),
		pod:      queued.Pod,
		state:    framework.NewCycleState(),
		snapshot: used.SnapshotSharedLister().(*internalcache.Snapshot),
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
		rejected, err := e.rejections(ctx, node)
		if err != nil {
			return nil, err
		}
		if len(rejected) == 0 {
			feasible = append(feasible, node)
		} else {
			explained.Rejected = append(explained.Rejected, Rejection{node.Node(), rejected})
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

// Check runs the plugins that filter on one node, and returns the verdict of every plugin that rejects it.
func (s *Scheduler) Check(ctx context.Context, pod *corev1.Pod, node string) ([]*fwk.Status, error) {
	e, err := s.examine(ctx, pod)
	if err != nil {
		return nil, err
	}
	info, err := e.snapshot.NodeInfos().Get(node)
	if err != nil {
		return nil, err
	}
	return e.rejections(ctx, info)
}

// LeftOut starts the verdict on a node that a PreFilter plugin leaves out and no filter rejects.
const LeftOut = "node(s) didn't satisfy plugin(s)"

// rejections returns the verdict of every plugin that rejects a node. Upstream's filters stop at the first, so those
// that have rejected the node are skipped until the others accept it.
func (e *examination) rejections(ctx context.Context, node fwk.NodeInfo) ([]*fwk.Status, error) {
	if !e.status.IsSuccess() {
		return []*fwk.Status{e.status}, nil
	}
	before := e.state.GetSkipFilterPlugins()
	defer e.state.SetSkipFilterPlugins(before)
	skipped := sets.New[string]().Union(before)
	var rejections []*fwk.Status
	for {
		verdict := e.profile.RunFilterPluginsWithNominatedPods(ctx, e.state, e.pod, node)
		if verdict.Code() == fwk.Error {
			return nil, verdict.AsError()
		}
		if verdict.IsSuccess() || skipped.Has(verdict.Plugin()) {
			break
		}
		rejections = append(rejections, verdict)
		skipped.Insert(verdict.Plugin())
		e.state.SetSkipFilterPlugins(skipped)
	}
	by := sets.List(e.narrowing)
	if !e.narrowed.AllNodes() && !e.narrowed.NodeNames.Has(node.Node().Name) && !skipped.HasAny(by...) {
		// A PreFilter plugin left the node out, and no filter says why.
		rejected := fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("%s %v", LeftOut, by))
		if len(by) > 0 {
			rejected.SetPlugin(by[0])
		}
		rejections = append(rejections, rejected)
	}
	return e.withoutAdded(rejections, node.Node()), nil
}

// withoutAdded drops the verdict on affinity that the pod does not have itself: EdgeProximity has added it, and gives its
// own verdict.
func (e *examination) withoutAdded(rejected []*fwk.Status, node *corev1.Node) []*fwk.Status {
	if matches, err := e.own.Match(node); err != nil || !matches || len(rejected) == 1 {
		return rejected
	}
	return slices.DeleteFunc(rejected, func(status *fwk.Status) bool { return status.Plugin() == names.NodeAffinity })
}
