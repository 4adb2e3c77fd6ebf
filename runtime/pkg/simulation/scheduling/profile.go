package scheduling

import (
	"context"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/defaultpreemption"
)

// profile is one of upstream's with its results observed and its chance taken out. Everything that it decides is
// decided by the profile that it wraps.
type profile struct {
	framework.Framework
	seed      uint64
	scheduler *Scheduler
	scores    []fwk.NodePluginScores
	// narrowed is true if PreFilter plugins have narrowed the search of this cycle.
	narrowed bool
	// asking gets the name of the next node that is filtered; nil lets the filters run.
	asking *string
}

func newProfile(wrapped framework.Framework, seed uint64, owner *Scheduler) *profile {
	p := &profile{Framework: wrapped, seed: seed, scheduler: owner}
	// DefaultPreemption is found through the one extension point whose plugins a profile hands out.
	for _, plugin := range wrapped.PreEnqueuePlugins() {
		if preemption, ok := plugin.(*defaultpreemption.DefaultPreemption); ok {
			preemption.Evaluator.Handler = p
			preemption.Evaluator.Interface = seededPreemption{preemption, seed}
		}
	}
	return p
}

// Parallelizer examines nodes one after the other.
func (p *profile) Parallelizer() fwk.Parallelizer { return newSequence(p) }

// RunPreFilterPlugins notes whether the plugins narrow the search for nodes.
func (p *profile) RunPreFilterPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod) (*fwk.PreFilterResult, *fwk.Status, sets.Set[string]) {
	result, status, by := p.Framework.RunPreFilterPlugins(ctx, state, pod)
	p.narrowed = !result.AllNodes()
	return result, status, by
}

// RunFilterPluginsWithNominatedPods filters a node, unless a search only asks for its name.
func (p *profile) RunFilterPluginsWithNominatedPods(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node fwk.NodeInfo) *fwk.Status {
	if p.asking != nil {
		*p.asking = node.Node().Name
		panic(asked{})
	}
	return p.Framework.RunFilterPluginsWithNominatedPods(ctx, state, pod, node)
}

// RunScorePlugins keeps the scores, and shuffles equal ones if there is a seed.
func (p *profile) RunScorePlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) ([]fwk.NodePluginScores, *fwk.Status) {
	scores, status := p.Framework.RunScorePlugins(ctx, state, pod, nodes)
	if p.seed != 0 {
		for i := range scores {
			scores[i].Randomizer = int(hash(p.seed, string(pod.UID), scores[i].Name) >> 1)
		}
	}
	// The scheduler only reorders them.
	p.scores = scores
	return scores, status
}

// RunPostFilterPlugins lets the simulation know that plugins are about to look for victims.
func (p *profile) RunPostFilterPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes fwk.NodeToStatusReader) (*fwk.PostFilterResult, *fwk.Status) {
	if p.scheduler.beforePreemption != nil {
		p.scheduler.beforePreemption()
	}
	return p.Framework.RunPostFilterPlugins(ctx, state, pod, nodes)
}

// RunPreBindPlugins ends upstream's wait for bound volumes as soon as the store has bound them.
func (p *profile) RunPreBindPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	if p.scheduler.store.Bound(pod) {
		return p.Framework.RunPreBindPlugins(ctx, state, pod, node)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.scheduler.store.OnBound(pod, cancel)
	status := p.Framework.RunPreBindPlugins(ctx, state, pod, node)
	if p.scheduler.store.Bound(pod) {
		return nil
	}
	return status
}

// RunPostBindPlugins ends the attempt.
func (p *profile) RunPostBindPlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) {
	p.Framework.RunPostBindPlugins(ctx, state, pod, node)
	p.scheduler.ended <- &Attempt{Node: node}
}

// seededPreemption starts the search for victims at a node that follows from the seed.
type seededPreemption struct {
	*defaultpreemption.DefaultPreemption
	seed uint64
}

// GetOffsetAndNumCandidates returns where the search starts and how many candidates are enough.
func (s seededPreemption) GetOffsetAndNumCandidates(nodes int32) (int32, int32) {
	_, enough := s.DefaultPreemption.GetOffsetAndNumCandidates(nodes)
	return int32(s.seed % uint64(nodes)), enough
}

func hash(seed uint64, texts ...string) uint64 {
	h := fnv.New64a()
	var bytes [8]byte
	for i := range bytes {
		bytes[i] = byte(seed >> (8 * i))
	}
	_, _ = h.Write(bytes[:])
	for _, text := range texts {
		_, _ = h.Write([]byte(text))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}
