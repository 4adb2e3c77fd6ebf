package scheduling

import (
	"context"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/parallelize"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/defaultpreemption"
)

// profile is one of upstream's with its results observed and its chance taken out. Everything that it decides is
// decided by the profile that it wraps.
type profile struct {
	framework.Framework
	seed         uint64
	scheduler    *Scheduler
	parallelizer parallelize.Parallelizer
	scores       []fwk.NodePluginScores
}

func newProfile(wrapped framework.Framework, seed uint64, owner *Scheduler) *profile {
	p := &profile{Framework: wrapped, seed: seed, scheduler: owner, parallelizer: parallelize.NewParallelizer(1)}
	// DefaultPreemption is found through the one extension point whose plugins a profile hands out.
	for _, plugin := range wrapped.PreEnqueuePlugins() {
		if preemption, ok := plugin.(*defaultpreemption.DefaultPreemption); ok {
			preemption.Evaluator.Handler = p
			preemption.Evaluator.Interface = seededPreemption{preemption, seed}
		}
	}
	return p
}

// Parallelizer examines nodes one after the other: where a search stops early, the nodes that it finds must not depend
// on the order in which goroutines run.
func (p *profile) Parallelizer() fwk.Parallelizer { return p.parallelizer }

// RunScorePlugins keeps the scores, and shuffles equal ones if there is a seed.
func (p *profile) RunScorePlugins(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) ([]fwk.NodePluginScores, *fwk.Status) {
	scores, status := p.Framework.RunScorePlugins(ctx, state, pod, nodes)
	if p.seed != 0 {
		for i := range scores {
			scores[i].Randomizer = int(hash(p.seed, string(pod.UID), scores[i].Name) >> 1)
		}
	}
	p.scores = append([]fwk.NodePluginScores(nil), scores...)
	return scores, status
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
