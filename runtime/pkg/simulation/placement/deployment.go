package placement

import (
	"cmp"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	deploymentutil "k8s.io/kubernetes/pkg/controller/deployment/util"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// syncDeployment takes one step of a Deployment's rollout, as its controller does, and lets the ReplicaSets follow.
func syncDeployment(c *cluster, w *workload) bool {
	deployment := w.object.(*appsv1.Deployment)
	if w.current == nil {
		return false
	}
	replicas := w.desired()
	scaled := c.scale(w, replicas)
	switch {
	case scaled || deployment.Spec.Paused:
	case deployment.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		c.recreate(w, replicas)
	default:
		if !c.surge(w, deployment, replicas) {
			c.retire(w, deployment, replicas)
		}
	}
	changed := false
	for _, set := range w.sets {
		changed = c.syncReplicas(w, set, reasonFor(w, set)) || changed
	}
	return changed
}

func reasonFor(w *workload, set *replicaSet) simulationv1.Reason {
	if set != w.current {
		return simulationv1.Replaced
	}
	return simulationv1.ScaledDown
}

// scale a Deployment that has pods of one revision only: the controller scales first and rolls out then.
func (c *cluster) scale(w *workload, replicas int) bool {
	var active []*replicaSet
	for _, set := range w.sets {
		if set.wanted > 0 {
			active = append(active, set)
		}
	}
	if w.scaledTo == replicas {
		return false
	}
	before := w.scaledTo
	w.scaledTo = replicas
	c.revert(func() { w.scaledTo = before })
	if len(active) != 1 || active[0].wanted == replicas {
		return false
	}
	c.want(active[0], replicas)
	return true
}

// recreate removes all pods of earlier revisions before it creates the first of the current one.
func (c *cluster) recreate(w *workload, replicas int) {
	for _, set := range w.sets {
		if set != w.current {
			c.want(set, 0)
		}
	}
	for _, each := range w.pods {
		if each.set != w.current {
			return
		}
	}
	c.want(w.current, replicas)
}

// bounds returns how many pods a rollout may add, and how many may be missing.
func bounds(deployment *appsv1.Deployment, replicas int) (surge, unavailable int) {
	if rolling := deployment.Spec.Strategy.RollingUpdate; rolling != nil {
		s, u, err := deploymentutil.ResolveFenceposts(rolling.MaxSurge, rolling.MaxUnavailable, int32(replicas))
		if err == nil {
			return int(s), int(u)
		}
	}
	return 1, 0
}

func (w *workload) wanted() int {
	sum := 0
	for _, set := range w.sets {
		sum += set.wanted
	}
	return sum
}

// surge adds pods of the current revision, as many as the strategy allows.
func (c *cluster) surge(w *workload, deployment *appsv1.Deployment, replicas int) bool {
	if w.current.wanted > replicas {
		c.want(w.current, replicas)
		return true
	}
	most, _ := bounds(deployment, replicas)
	room := replicas + most - w.wanted()
	more := min(room, replicas-w.current.wanted)
	if more <= 0 {
		return false
	}
	c.want(w.current, w.current.wanted+more)
	return true
}

// retire removes pods of earlier revisions, those without a node first, as many as the strategy allows.
func (c *cluster) retire(w *workload, deployment *appsv1.Deployment, replicas int) {
	_, missing := bounds(deployment, replicas)
	atLeast := replicas - missing
	_, currentAvailable := w.count(w.current)
	spare := w.wanted() - atLeast - (w.current.wanted - currentAvailable)
	if spare <= 0 {
		return
	}
	allAvailable := currentAvailable
	for _, set := range w.sets {
		if set == w.current {
			continue
		}
		_, available := w.count(set)
		unhealthy := min(spare, max(0, set.wanted-available))
		c.want(set, set.wanted-unhealthy)
		spare -= unhealthy
		allAvailable += available
	}
	surplus := allAvailable - atLeast
	for _, set := range w.sets {
		if set == w.current || surplus <= 0 {
			continue
		}
		fewer := min(set.wanted, surplus)
		c.want(set, set.wanted-fewer)
		surplus -= fewer
	}
}

// syncReplicas creates or removes pods of a set until there are as many as its controller keeps.
func (c *cluster) syncReplicas(w *workload, set *replicaSet, reason simulationv1.Reason) bool {
	active, _ := w.count(set)
	for range set.wanted - active {
		c.create(w, set, c.number(set), nil)
	}
	if active > set.wanted {
		for _, victim := range w.rank(set)[:active-set.wanted] {
			c.remove(victim, reason, nil)
		}
	}
	return active != set.wanted
}

// rank returns the pods of a set, the first to be removed first: without a node, with the lowest deletion cost, on the
// node with the most pods of the workload, and of these the youngest.
func (w *workload) rank(set *replicaSet) []*pod {
	var ranked []*pod
	together := map[string]int{}
	for _, each := range w.pods {
		if each.node() != "" {
			together[each.node()]++
		}
		if each.set == set && !each.terminating {
			ranked = append(ranked, each)
		}
	}
	slices.SortFunc(ranked, func(one, other *pod) int {
		return cmp.Or(
			compareBool(one.node() != "", other.node() != ""),
			compareBool(one.available(), other.available()),
			cmp.Compare(deletionCost(one.object), deletionCost(other.object)),
			cmp.Compare(together[other.node()], together[one.node()]),
			bySequence(other, one),
		)
	})
	return ranked
}

func deletionCost(pod *corev1.Pod) int {
	cost, _ := strconv.Atoi(pod.Annotations[corev1.PodDeletionCost])
	return cost
}

func compareBool(one, other bool) int {
	switch {
	case one == other:
		return 0
	case one:
		return 1
	}
	return -1
}

// syncReplicaSet keeps the pods of a ReplicaSet that no Deployment owns. A changed template replaces no pod.
func syncReplicaSet(c *cluster, w *workload) bool {
	if w.current == nil {
		return false
	}
	active := 0
	for _, set := range w.sets {
		have, _ := w.count(set)
		active += have
	}
	if active > w.desired() {
		fewer := active - w.desired()
		for _, set := range w.sets {
			for _, victim := range w.rank(set) {
				if fewer > 0 {
					c.remove(victim, simulationv1.ScaledDown, nil)
					fewer--
				}
			}
		}
		return true
	}
	for range w.desired() - active {
		c.create(w, w.current, c.number(w.current), nil)
	}
	return active != w.desired()
}
