package scheduling

import (
	"cmp"
	"slices"

	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// Attempt to schedule one pod.
type Attempt struct {
	// Node that the pod is bound to; empty if it is unschedulable.
	Node string
	// Err says why the pod has no node: a *framework.FitError where nodes were examined.
	Err error
	// Nominated is the node on which the victims of preemption make room.
	Nominated string
	// Scores of the nodes among which the scheduler chose; none if there was only one.
	Scores []fwk.NodePluginScores
	// Why is what the plugins say of the node, in the event of the binding or of the failure.
	Why string
}

// Ranked returns the scores, the best first; of equal ones the chosen node first, then by name.
func (a *Attempt) Ranked() []fwk.NodePluginScores {
	ranked := slices.Clone(a.Scores)
	slices.SortFunc(ranked, func(one, other fwk.NodePluginScores) int {
		return cmp.Or(
			cmp.Compare(other.TotalScore, one.TotalScore),
			-compareBool(one.Name == a.Node, other.Name == a.Node),
			cmp.Compare(one.Name, other.Name),
		)
	})
	return ranked
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

// RejectedBy returns the plugins that rejected the pod, ordered by name.
func (a *Attempt) RejectedBy() []string {
	fit, ok := a.Err.(*framework.FitError)
	if !ok {
		return nil
	}
	return slices.Sorted(func(yield func(string) bool) {
		for name := range fit.Diagnosis.UnschedulablePlugins {
			if !yield(name) {
				return
			}
		}
	})
}
