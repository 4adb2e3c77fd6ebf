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

// Ranked returns scores, the best first; of equal ones the chosen node first, then by name.
func Ranked(scores []fwk.NodePluginScores, chosen string) []fwk.NodePluginScores {
	ranked := slices.Clone(scores)
	slices.SortFunc(ranked, func(one, other fwk.NodePluginScores) int { return compare(&one, &other, chosen) })
	return ranked
}

// Best returns the score of the chosen node, the best others, at most count, and the names of all others that score
// as high as the chosen one, in order. It returns nil if no scores were needed.
func (a *Attempt) Best(count int) (chosen *fwk.NodePluginScores, others []fwk.NodePluginScores, ties []string) {
	for i := range a.Scores {
		if a.Scores[i].Name == a.Node {
			chosen = &a.Scores[i]
		}
	}
	if chosen == nil {
		return nil, nil, nil
	}
	for i := range a.Scores {
		score := &a.Scores[i]
		if score == chosen {
			continue
		}
		if score.TotalScore == chosen.TotalScore {
			ties = append(ties, score.Name)
		}
		if len(others) < count || count > 0 && compare(score, &others[count-1], a.Node) < 0 {
			at, _ := slices.BinarySearchFunc(others, score, func(one fwk.NodePluginScores, other *fwk.NodePluginScores) int {
				return compare(&one, other, a.Node)
			})
			others = slices.Insert(others, at, *score)[:min(count, len(others)+1)]
		}
	}
	slices.Sort(ties)
	return chosen, others, ties
}

func compare(one, other *fwk.NodePluginScores, chosen string) int {
	switch {
	case one.TotalScore != other.TotalScore:
		return cmp.Compare(other.TotalScore, one.TotalScore)
	case one.Name == other.Name:
		return 0
	case one.Name == chosen:
		return -1
	case other.Name == chosen:
		return 1
	}
	return cmp.Compare(one.Name, other.Name)
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
