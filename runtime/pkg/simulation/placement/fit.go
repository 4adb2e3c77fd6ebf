package placement

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func (c *cluster) fitAll(list []simulationv1.Fit) []simulationv1.FitReport {
	var reports []simulationv1.FitReport
	for i := range list {
		reports = append(reports, c.fit(&list[i]))
	}
	return reports
}

// mostRounds is how many rounds a search adds by default.
const mostRounds = 10_000

// fit adds pods, round by round, until one finds no node. None of them preempts others.
func (c *cluster) fit(request *simulationv1.Fit) simulationv1.FitReport {
	report := simulationv1.FitReport{Workloads: request.Workloads, Nodes: map[string]int{}}
	var mix []*workload
	for _, each := range request.Workloads {
		w := c.replicated(each.ObjectReference)
		if w == nil {
			report.Error = each.String() + " is not a Deployment, StatefulSet, ReplicaSet or Job whose pods the API server accepts"
			return report
		}
		mix = append(mix, w)
	}
	limit := request.Limit
	if limit == 0 {
		limit = mostRounds
	}
	c.try(func() {
		for report.Rounds < limit {
			placed, failed := c.round(request, mix, report.Rounds)
			if failed != nil {
				c.explainBottleneck(&report, placed, failed)
				break
			}
			report.Rounds++
			for _, each := range placed {
				report.Nodes[each.node()]++
			}
		}
		report.Limited = report.Rounds == limit
	})
	return report
}

// explainBottleneck says what fits of an incomplete round, and why the first pod does not that does not fit.
func (c *cluster) explainBottleneck(report *simulationv1.FitReport, placed []*pod, failed *pod) {
	report.Partial = make([]int, len(report.Workloads))
	for _, each := range placed {
		at := slices.IndexFunc(report.Workloads, func(w simulationv1.FitWorkload) bool { return w.ObjectReference == each.owner.ref })
		report.Partial[at]++
	}
	report.Bottleneck = &failed.owner.ref
	report.Message = failed.decision.verdict.Message
	if c.schedulers[failed.object.Spec.SchedulerName] == nil {
		return
	}
	var err error
	if report.Rejected, _, err = c.examine(failed.object, ""); err != nil {
		report.Error = err.Error()
	}
}

// round adds one round of a mix, up to the first pod that finds no node.
func (c *cluster) round(request *simulationv1.Fit, mix []*workload, number int) (placed []*pod, failed *pod) {
	for i, w := range mix {
		replicas := request.Workloads[i].Replicas
		if replicas == 0 {
			replicas = 1
		}
		for replica := range replicas {
			made := c.another(w, number*replicas+replica)
			made.object.Spec.PreemptionPolicy = ptr.To(corev1.PreemptNever)
			if !c.attempt(made) {
				return placed, made
			}
			c.queue.remove(made)
			placed = append(placed, made)
		}
	}
	return placed, nil
}

// another creates one more pod of a workload than it has.
func (c *cluster) another(w *workload, number int) *pod {
	if set, ok := w.object.(*appsv1.StatefulSet); ok {
		return c.createReplica(w, set, w.current, w.nextOrdinal())
	}
	return c.create(w, w.current, fmt.Sprintf("fit-%d", number), nil)
}

func (w *workload) nextOrdinal() int {
	next := 0
	for _, each := range w.pods {
		next = max(next, each.ordinal+1)
	}
	return next
}

func (c *cluster) replicated(ref simulationv1.ObjectReference) *workload {
	for _, w := range c.workloads {
		if w.ref == ref && w.current != nil && !w.managed {
			switch ref.Kind {
			case "Deployment", "StatefulSet", "ReplicaSet", "Job":
				return w
			}
		}
	}
	return nil
}
