package placement

import (
	"cmp"
	"slices"

	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/names"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// queue holds the pods without a node.
//
// Like the scheduler's, it takes pods by priority and then by age, and tries an unschedulable pod again only when a
// change may have helped it.
type queue struct {
	waiting []*pod
	// freed counts changes that can let any pod in; bound counts those that can only let in pods that want others near.
	freed, bound int
	// failures are the latest verdicts on identical pods.
	failures map[likeness]*failure
}

// likeness is what pods have in common that get the same verdict as long as nothing changes.
type likeness struct {
	set      *replicaSet
	revision string
}

// failure is why pods had no node, and when.
type failure struct {
	freed, bound int
	// wantsOthers is true if a plugin rejected the pod that looks at the pods on other nodes.
	wantsOthers bool
	decision    decision
}

func (f *failure) stands(q *queue) bool {
	return f.freed == q.freed && (!f.wantsOthers || f.bound == q.bound)
}

func (q *queue) remove(p *pod) {
	q.waiting = slices.DeleteFunc(q.waiting, func(each *pod) bool { return each == p })
}

// take returns the pods to try now, in the order of the scheduler's queue.
func (q *queue) take() []*pod {
	var now []*pod
	for _, each := range q.waiting {
		if last := each.decision.failure; last == nil || !last.stands(q) {
			now = append(now, each)
		}
	}
	slices.SortFunc(now, func(one, other *pod) int {
		return cmp.Or(cmp.Compare(other.priority(), one.priority()), bySequence(one, other))
	})
	return now
}

// settle schedules until no pod without a node could get one. It reports whether any got one.
func (c *cluster) settle() bool {
	progressed := false
	for {
		taken := c.queue.take()
		bound := map[*pod]bool{}
		for _, each := range taken {
			// A pod may have been preempted by one before it, or share the verdict on one like it.
			if c.pods[each.key()] != each || each.decision.failure != nil && each.decision.failure.stands(&c.queue) {
				continue
			}
			if c.attempt(each) {
				bound[each] = true
			}
		}
		if len(bound) == 0 {
			return progressed
		}
		progressed = true
		c.queue.waiting = slices.DeleteFunc(c.queue.waiting, func(each *pod) bool { return bound[each] })
	}
}

// mostAttempts of one pod in a row: after it preempts others, it is tried again on the node that they leave.
const mostAttempts = 5

// attempt to schedule a pod; true if it has a node then.
func (c *cluster) attempt(p *pod) bool {
	before := p.decision
	c.revert(func() { p.decision = before })
	alike, comparable := p.likeness()
	if comparable {
		if last := c.queue.failures[alike]; last != nil && last.stands(&c.queue) {
			p.decision = last.decision
			return false
		}
	}
	scheduler := c.schedulers[p.object.Spec.SchedulerName]
	if scheduler == nil {
		p.decision = c.unscheduled(p)
		return false
	}
	for range mostAttempts {
		c.clock.SetTime(c.clock.Now().Add(tick))
		attempt := scheduler.Schedule(c.ctx, p.object)
		if attempt.Node != "" {
			p.decision = c.decide(p, attempt)
			c.bind(p, attempt.Node)
			return true
		}
		victims := c.preempt(p)
		p.decision = c.decide(p, attempt)
		c.nominate(p, attempt.Nominated)
		if len(victims) == 0 {
			break
		}
	}
	if comparable && p.object.Status.NominatedNodeName == "" {
		if c.queue.failures == nil {
			c.queue.failures = map[likeness]*failure{}
		}
		c.queue.failures[alike] = p.decision.failure
	}
	return false
}

// preempt removes the victims that the scheduler chose for a pod.
func (c *cluster) preempt(by *pod) []*pod {
	var victims []*pod
	for _, object := range c.store.TakeDeleted() {
		if victim := c.pods[simulationv1.KeyOf(object)]; victim != nil {
			victims = append(victims, victim)
		}
	}
	slices.SortFunc(victims, bySequence)
	for _, victim := range victims {
		c.remove(victim, simulationv1.Preempted, by)
	}
	return victims
}

// nominate keeps the node on which victims of preemption make room for a pod. Pods of lower priority that were to have
// that node lose it.
func (c *cluster) nominate(p *pod, node string) {
	c.setNominated(p, node)
	if node == "" {
		return
	}
	for _, other := range c.queue.waiting {
		if other != p && other.object.Status.NominatedNodeName == node && other.priority() < p.priority() {
			c.schedulers[other.object.Spec.SchedulerName].Forget(other.object)
			c.setNominated(other, "")
		}
	}
}

func (c *cluster) setNominated(p *pod, node string) {
	if p.object.Status.NominatedNodeName == node {
		return
	}
	before := p.object
	changed := *before
	changed.Status.NominatedNodeName = node
	p.object = &changed
	c.store.Put(p.object)
	c.revert(func() { p.object = before })
}

// likeness of a pod; false if its verdict may differ from that on its siblings: it has volumes or a node of its own.
func (p *pod) likeness() (likeness, bool) {
	if p.set == nil || p.target != "" || p.object.Status.NominatedNodeName != "" {
		return likeness{}, false
	}
	for _, used := range p.object.Spec.Volumes {
		if used.PersistentVolumeClaim != nil || used.Ephemeral != nil {
			return likeness{}, false
		}
	}
	return likeness{p.set, p.revision}, true
}

// lookAtOthers are the plugins that a new pod elsewhere can satisfy.
var lookAtOthers = []string{names.InterPodAffinity, names.PodTopologySpread, names.VolumeBinding}
