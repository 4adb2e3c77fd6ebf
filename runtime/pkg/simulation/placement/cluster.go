// Package placement simulates where the pods of a cluster run: the controllers that create pods, the schedulers that
// place them, and what happens to them when the cluster changes.
package placement

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	fwk "k8s.io/kube-scheduler/framework"
	clocktesting "k8s.io/utils/clock/testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// cluster is the state of a simulation.
type cluster struct {
	ctx     context.Context
	end     context.CancelFunc
	options *simulationv1.Options
	store   *store.Store
	clock   *clocktesting.FakePassiveClock
	links   *linkSource

	configs    []string
	schedulers map[string]*scheduling.Scheduler
	profiles   *load.Store

	input     *input
	workloads []*workload
	pods      map[simulationv1.PodKey]*pod
	queue     queue
	removed   []simulationv1.RemovedPod
	budgets   budgets
	// sequence numbers pods in the order of their creation.
	sequence int
	findings []simulationv1.Finding
	// undo is the journal of a trial; nil outside of one.
	undo *[]func()
}

// pod of the simulation.
type pod struct {
	object   *corev1.Pod
	owner    *workload
	set      *replicaSet
	revision string
	sequence int
	// ordinal of a StatefulSet's pod.
	ordinal int
	// target is the node that a DaemonSet wants the pod on.
	target string
	origin simulationv1.Origin
	// unreachable pods run on a node that has stopped; terminating ones were evicted from it and wait for its kubelet.
	unreachable, terminating bool
	// misplaced pods name a node that does not exist. Schedulers leave them alone.
	misplaced bool
	decision  decision
}

func (p *pod) node() string             { return p.object.Spec.NodeName }
func (p *pod) available() bool          { return p.node() != "" && !p.unreachable && !p.terminating }
func (p *pod) priority() int32          { return *p.object.Spec.Priority }
func (p *pod) gated() bool              { return len(p.object.Spec.SchedulingGates) > 0 }
func (p *pod) key() simulationv1.PodKey { return simulationv1.KeyOf(p.object) }

func newCluster(ctx context.Context, options *simulationv1.Options) *cluster {
	now := defaultNow
	if options.Now != nil {
		now = options.Now.Time
	}
	return &cluster{
		ctx: ctx, options: options, store: store.New(), clock: clocktesting.NewFakePassiveClock(now),
		links: &linkSource{}, profiles: &load.Store{}, pods: map[simulationv1.PodKey]*pod{},
	}
}

var defaultNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// environment of the plugins: the clock and the data of the simulation.
func (c *cluster) environment() plugins.Environment {
	return plugins.Environment{
		Clock: c.clock,
		// The simulation has its own links, so measured ones are not read.
		Links: func(_ context.Context, file, _ string) (links.Source, error) {
			matrix, err := c.input.linksOf(file)
			if err != nil {
				return nil, err
			}
			c.links.file = file
			c.links.set(matrix)
			return c.links, nil
		},
		Profiles: func(context.Context, fwk.Handle) (load.Source, error) { return c.profiles, nil },
	}
}

// tick is how much later each pod starts than the one before: start times decide which pods are preempted.
const tick = time.Millisecond

func (c *cluster) now() time.Time {
	c.clock.SetTime(c.clock.Now().Add(tick))
	return c.clock.Now()
}

// add a pod to the cluster. It waits for a node unless it has one.
func (c *cluster) add(p *pod) {
	c.checkNode(p)
	c.sequence++
	p.sequence = c.sequence
	c.pods[p.key()] = p
	if p.owner != nil {
		p.owner.pods = append(p.owner.pods, p)
	}
	c.revert(func() { c.drop(p) })
	c.store.Put(p.object)
	c.budgets.stale = true
	if p.node() == "" && !p.gated() && !p.misplaced {
		c.queue.waiting = append(c.queue.waiting, p)
	}
}

// checkNode takes the node from a pod whose template names one that does not exist.
func (c *cluster) checkNode(p *pod) {
	name := p.node()
	if name == "" || c.store.Exists(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}) {
		return
	}
	p.misplaced = true
	p.object.Spec.NodeName = ""
	p.decision.verdict = &simulationv1.Unschedulable{Message: fmt.Sprintf("spec.nodeName: node %q does not exist", name)}
}

// drop forgets a pod, but for the store.
func (c *cluster) drop(p *pod) {
	delete(c.pods, p.key())
	if p.owner != nil {
		p.owner.pods = slices.DeleteFunc(p.owner.pods, func(each *pod) bool { return each == p })
	}
	if p.node() == "" {
		c.queue.remove(p)
	}
}

// remove a pod from the cluster.
func (c *cluster) remove(p *pod, reason simulationv1.Reason, by *pod) {
	removed := simulationv1.RemovedPod{Namespace: p.object.Namespace, Name: p.object.Name, Owner: p.ownerReference(), Node: p.node(), Reason: reason}
	if by != nil {
		key := by.key()
		removed.By = &key
	}
	c.removed = append(c.removed, removed)
	c.drop(p)
	if p.owner != nil {
		p.owner.dirty = true
	}
	c.revert(func() {
		c.removed = c.removed[:len(c.removed)-1]
		c.pods[p.key()] = p
		if p.owner != nil {
			p.owner.pods = append(p.owner.pods, p)
		}
		if p.node() == "" && !p.gated() && !p.misplaced {
			c.queue.waiting = append(c.queue.waiting, p)
		}
	})
	if scheduler := c.schedulers[p.object.Spec.SchedulerName]; scheduler != nil {
		scheduler.Forget(p.object)
	}
	c.store.Delete(p.object)
	c.budgets.stale = true
	c.queue.freed++
}

// bind gives a pod its node.
func (c *cluster) bind(p *pod, node string) {
	before := p.object
	bound := *before
	bound.Spec.NodeName = node
	bound.Status.Phase = corev1.PodRunning
	bound.Status.NominatedNodeName = ""
	started := metav1.NewTime(c.now())
	bound.Status.StartTime = &started
	p.object = &bound
	c.revert(func() {
		p.object = before
		if !p.gated() {
			c.queue.waiting = append(c.queue.waiting, p)
		}
	})
	c.store.Put(p.object)
	c.budgets.stale = true
	c.queue.bound++
	if p.owner != nil {
		p.owner.dirty = true
	}
}

// revert adds how to take back a change to the journal of a trial.
func (c *cluster) revert(change func()) {
	if c.undo != nil {
		*c.undo = append(*c.undo, change)
	}
}

// try runs changes and takes them back. It costs as much as what they change.
func (c *cluster) try(changes func()) {
	undo := []func(){}
	sequence, now, removed, freed, bound := c.sequence, c.clock.Now(), len(c.removed), c.queue.freed, c.queue.bound
	positions := map[*scheduling.Scheduler]scheduling.Position{}
	for _, each := range c.schedulers {
		positions[each] = each.Position()
	}
	c.undo = &undo
	c.store.Begin()
	changes()
	c.undo = nil
	for _, revert := range slices.Backward(undo) {
		revert()
	}
	c.store.Rollback()
	c.clock.SetTime(now)
	c.sequence, c.removed = sequence, c.removed[:removed]
	for each, at := range positions {
		each.Return(at)
	}
	// Verdicts from before stand again; those of the trial do not.
	c.queue.freed, c.queue.bound, c.queue.failures = freed, bound, nil
	c.budgets.stale = true
	for _, workload := range c.workloads {
		slices.SortFunc(workload.pods, bySequence)
		workload.dirty = false
	}
}

func bySequence(one, other *pod) int { return cmp.Compare(one.sequence, other.sequence) }

// sortedPods returns all pods in the order of their creation.
func (c *cluster) sortedPods() []*pod {
	pods := make([]*pod, 0, len(c.pods))
	for _, each := range c.pods {
		pods = append(pods, each)
	}
	slices.SortFunc(pods, bySequence)
	return pods
}

func (p *pod) ownerReference() *simulationv1.ObjectReference {
	if p.owner == nil || p.owner.ref.Kind == "Pod" {
		return nil
	}
	ref := p.owner.ref
	return &ref
}
