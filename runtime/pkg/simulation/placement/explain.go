package placement

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
)

func (c *cluster) explainAll(list []simulationv1.ObjectReference) []simulationv1.Explanation {
	var explanations []simulationv1.Explanation
	for _, ref := range list {
		explanations = append(explanations, c.explain(ref))
	}
	return explanations
}

// explain says where a pod, or a pod of a workload, could run if it were placed anew.
func (c *cluster) explain(ref simulationv1.ObjectReference) simulationv1.Explanation {
	made := simulationv1.Explanation{Of: ref}
	c.try(func() {
		pod, err := c.free(ref, &made)
		if err != nil {
			made.Error = err.Error()
			return
		}
		made.Scheduler = pod.Spec.SchedulerName
		made.Rejected, made.Scores, err = c.examine(pod, made.Node)
		if err != nil {
			made.Error = err.Error()
		}
	})
	return made
}

// free takes the node from a pod, or from one of a workload's pods, and returns the pod.
func (c *cluster) free(ref simulationv1.ObjectReference, made *simulationv1.Explanation) (*corev1.Pod, error) {
	if ref.Kind == "Pod" {
		if p := c.pods[simulationv1.PodKey{Namespace: ref.Namespace, Name: ref.Name}]; p != nil {
			return c.release(p, made), nil
		}
		return nil, fmt.Errorf("%s does not exist", ref)
	}
	at := slices.IndexFunc(c.workloads, func(w *workload) bool { return w.ref == ref })
	if at < 0 {
		return nil, fmt.Errorf("%s does not exist", ref)
	}
	w := c.workloads[at]
	switch {
	case w.managed:
		return nil, fmt.Errorf("%s has an owner that creates its pods: explain the owner", ref)
	case w.current == nil:
		return nil, fmt.Errorf("the API server rejects the pods of %s", ref)
	case ref.Kind == "DaemonSet":
		return c.releaseDaemons(w), nil
	case len(w.pods) == 0:
		return c.another(w, 0).object, nil
	}
	first := slices.MinFunc(w.pods, func(one, other *pod) int {
		return cmp.Or(cmp.Compare(len(one.node()), 0)-cmp.Compare(len(other.node()), 0), bySequence(one, other))
	})
	return c.release(first, made), nil
}

// release takes the node from a pod.
func (c *cluster) release(p *pod, made *simulationv1.Explanation) *corev1.Pod {
	key := p.key()
	made.Pod, made.Node = &key, p.node()
	c.store.Delete(p.object)
	freed := unbound(p.object)
	c.store.Put(freed)
	return freed
}

// releaseDaemons removes the pods of a DaemonSet, and returns one that no node is chosen for.
func (c *cluster) releaseDaemons(w *workload) *corev1.Pod {
	for _, each := range w.pods {
		c.store.Delete(each.object)
	}
	made := *w.current.prototype
	made.Name = w.ref.Name
	made.UID = uidOf("Pod", w.ref.Namespace, made.Name)
	tolerateAsDaemon(&made.Spec)
	c.store.Put(&made)
	return &made
}

// examine returns what the plugins of a pod's scheduler say of every node. The pod must be in the store, without a node.
func (c *cluster) examine(p *corev1.Pod, chosen string) ([]simulationv1.RejectedNodes, []simulationv1.NodeScore, error) {
	scheduler := c.schedulers[p.Spec.SchedulerName]
	if scheduler == nil {
		return nil, nil, fmt.Errorf("no scheduler has a profile %q", p.Spec.SchedulerName)
	}
	explained, err := scheduler.Explain(c.ctx, p)
	if err != nil {
		return nil, nil, err
	}
	var scores []simulationv1.NodeScore
	for _, node := range scheduling.Ranked(explained.Scores, chosen) {
		scores = append(scores, scoreOf(&node))
	}
	return groupRejections(scheduler, p, explained.Rejected), scores, nil
}

// groupRejections groups nodes that the same plugins reject for the same reasons, with the same remedies: those that the
// fewest plugins reject first, then the largest.
func groupRejections(scheduler *scheduling.Scheduler, p *corev1.Pod, rejections []scheduling.Rejection) []simulationv1.RejectedNodes {
	index := map[string]int{}
	var groups []simulationv1.RejectedNodes
	for _, each := range rejections {
		verdicts := make([]simulationv1.PluginVerdict, len(each.Statuses))
		key := ""
		for i, status := range each.Statuses {
			reasons := slices.Clone(status.Reasons())
			slices.Sort(reasons)
			verdicts[i] = simulationv1.PluginVerdict{Plugin: status.Plugin(), Reasons: reasons, Remedies: remedies(status, p, each.Node)}
			key += strings.Join(append(append([]string{status.Plugin()}, reasons...), verdicts[i].Remedies...), "\n") + "\n\n"
		}
		at, found := index[key]
		if !found {
			at = len(groups)
			index[key] = at
			groups = append(groups, simulationv1.RejectedNodes{Verdicts: verdicts})
		}
		groups[at].Nodes = append(groups[at].Nodes, each.Node.Name)
	}
	for i := range groups {
		addShortages(scheduler, p, &groups[i])
	}
	slices.SortStableFunc(groups, func(one, other simulationv1.RejectedNodes) int {
		return cmp.Or(cmp.Compare(len(one.Verdicts), len(other.Verdicts)), cmp.Compare(len(other.Nodes), len(one.Nodes)))
	})
	return groups
}

// addShortages adds what a group of nodes lacks. One resource that is short has a remedy: with several, no single node
// may have the largest free amount of each.
func addShortages(scheduler *scheduling.Scheduler, p *corev1.Pod, group *simulationv1.RejectedNodes) {
	for i := range group.Verdicts {
		verdict := &group.Verdicts[i]
		var lacking []string
		for _, reason := range verdict.Reasons {
			if resource, found := strings.CutPrefix(reason, "Insufficient "); found {
				lacking = append(lacking, resource)
			}
		}
		for _, resource := range lacking {
			shortage, found := scheduler.Shortage(p, corev1.ResourceName(resource), group.Nodes)
			if !found {
				continue
			}
			group.Shortages = append(group.Shortages, shortage)
			if len(verdict.Reasons) == 1 {
				verdict.Remedies = append(verdict.Remedies, requestLess(shortage))
			}
		}
	}
}
