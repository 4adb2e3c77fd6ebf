package placement

import (
	"fmt"
	"slices"
	"strings"

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

// explain says where a pod, or the first pod of a workload, could run if it were placed anew.
func (c *cluster) explain(ref simulationv1.ObjectReference) simulationv1.Explanation {
	made := simulationv1.Explanation{Of: ref}
	p := c.find(ref)
	if p == nil {
		made.Error = ref.String() + " has no pod"
		return made
	}
	scheduler := c.schedulers[p.object.Spec.SchedulerName]
	if scheduler == nil {
		made.Error = fmt.Sprintf("no scheduler has a profile %q", p.object.Spec.SchedulerName)
		return made
	}
	key := p.key()
	made.Pod, made.Node = &key, p.node()
	c.try(func() {
		c.store.Delete(p.object)
		free := unbound(p.object)
		c.store.Put(free)
		explained, err := scheduler.Explain(c.ctx, free)
		if err != nil {
			made.Error = err.Error()
			return
		}
		verdicts := make([]nodeVerdict, len(explained.Rejected))
		for i, rejection := range explained.Rejected {
			verdicts[i] = nodeVerdict{rejection.Node, rejection.Status}
		}
		made.Rejected = groupVerdicts(verdicts)
		made.Shortages = c.shortages(free, made.Rejected)
		ranking := scheduling.Attempt{Node: made.Node, Scores: explained.Scores}
		for _, node := range ranking.Ranked() {
			made.Scores = append(made.Scores, scoreOf(node))
		}
	})
	made.Changes = changes(&made)
	return made
}

// find a pod by its name, or the first pod of a workload.
func (c *cluster) find(ref simulationv1.ObjectReference) *pod {
	if ref.Kind == "Pod" {
		return c.pods[simulationv1.PodKey{Namespace: ref.Namespace, Name: ref.Name}]
	}
	for _, w := range c.workloads {
		if w.ref == ref && len(w.pods) > 0 {
			return slices.MinFunc(w.pods, bySequence)
		}
	}
	return nil
}

// changes says what would let the pod run elsewhere: on the next best node, and on those that reject it.
func changes(made *simulationv1.Explanation) []string {
	var texts []string
	if len(made.Scores) > 1 {
		best, next := made.Scores[0], made.Scores[1]
		text := fmt.Sprintf("%s is next, %d points behind %s", next.Node, best.Total-next.Total, best.Node)
		if differences := differences(best, next); len(differences) > 0 {
			text += ": " + strings.Join(differences, ", ")
		}
		texts = append(texts, text)
	}
	for _, shortage := range made.Shortages {
		texts = append(texts, fmt.Sprintf("%s: the pod requests %s, the largest of the nodes that lack it has %s free of %s",
			shortage.Resource, shortage.Requested, shortage.LargestFree, shortage.LargestAllocatable))
	}
	for _, group := range made.Rejected {
		switch {
		case mentions(group.Reasons, "untolerated taint"):
			texts = append(texts, fmt.Sprintf("a toleration would add %d nodes: %s", len(group.Nodes), strings.Join(group.Reasons, ", ")))
		case mentions(group.Reasons, "node affinity/selector"):
			texts = append(texts, fmt.Sprintf("another node selector, node affinity or region would add %d nodes", len(group.Nodes)))
		}
	}
	return texts
}

// differences lists the plugins that score two nodes differently.
func differences(best, next simulationv1.NodeScore) []string {
	other := map[string]int64{}
	for _, plugin := range next.Plugins {
		other[plugin.Plugin] = plugin.Score
	}
	var texts []string
	for _, plugin := range best.Plugins {
		if score := other[plugin.Plugin]; score != plugin.Score {
			texts = append(texts, fmt.Sprintf("%s %d instead of %d", plugin.Plugin, score, plugin.Score))
		}
	}
	return texts
}
