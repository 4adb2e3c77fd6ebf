package placement

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
)

// decision of the scheduler about a pod.
type decision struct {
	why          string
	score        *simulationv1.NodeScore
	alternatives []simulationv1.NodeScore
	ties         []string
	feasible     int
	verdict      *simulationv1.Unschedulable
	// failure is when the verdict was reached; nil for a pod that has a node.
	failure *failure
}

// defaultAlternatives is how many nodes are reported next to the chosen one.
const defaultAlternatives = 1

// decide turns an attempt into what is reported about it.
func (c *cluster) decide(p *pod, attempt *scheduling.Attempt) decision {
	if attempt.Node == "" {
		verdict := c.verdict(p, attempt.Err)
		made := decision{verdict: verdict}
		made.failure = &failure{freed: c.queue.freed, bound: c.queue.bound, decision: made, wantsOthers: slices.ContainsFunc(attempt.RejectedBy(), func(plugin string) bool {
			return slices.Contains(lookAtOthers, plugin)
		})}
		made.failure.decision.failure = made.failure
		return made
	}
	made := decision{why: attempt.Why, feasible: max(1, len(attempt.Scores))}
	if len(attempt.Scores) == 0 {
		return made
	}
	count := defaultAlternatives
	if c.options.Alternatives != nil {
		count = *c.options.Alternatives
	}
	ranked := attempt.Ranked()
	chosen := scoreOf(ranked[0])
	made.score = &chosen
	for _, other := range ranked[1:] {
		if len(made.alternatives) < count {
			made.alternatives = append(made.alternatives, scoreOf(other))
		}
		if other.TotalScore == ranked[0].TotalScore {
			made.ties = append(made.ties, other.Name)
		} else if len(made.alternatives) >= count {
			break
		}
	}
	return made
}

func scoreOf(node fwk.NodePluginScores) simulationv1.NodeScore {
	score := simulationv1.NodeScore{Node: node.Name, Total: node.TotalScore, Plugins: make([]simulationv1.PluginScore, len(node.Scores))}
	for i, plugin := range node.Scores {
		score.Plugins[i] = simulationv1.PluginScore{Plugin: plugin.Name, Score: plugin.Score}
	}
	return score
}

// unscheduled is the decision about a pod that names a scheduler that the cluster does not have.
func (c *cluster) unscheduled(p *pod) decision {
	made := decision{verdict: &simulationv1.Unschedulable{
		Message: fmt.Sprintf("no scheduler has a profile %q", p.object.Spec.SchedulerName),
	}}
	made.failure = &failure{freed: c.queue.freed, bound: c.queue.bound, decision: made}
	return made
}

// verdict groups the nodes by the reasons for which they cannot take a pod.
func (c *cluster) verdict(p *pod, err error) *simulationv1.Unschedulable {
	made := &simulationv1.Unschedulable{Message: err.Error()}
	var fit *framework.FitError
	if !errors.As(err, &fit) {
		return made
	}
	verdicts := make([]nodeVerdict, 0, len(c.input.nodes))
	for _, node := range c.input.nodes {
		verdicts = append(verdicts, nodeVerdict{node.Name, fit.Diagnosis.NodeToStatus.Get(node.Name)})
	}
	made.Groups = groupVerdicts(verdicts)
	made.Shortages = c.shortages(p.object, made.Groups)
	return made
}

type nodeVerdict struct {
	node   string
	status *fwk.Status
}

// groupVerdicts groups nodes with the same verdict, the largest group first.
func groupVerdicts(verdicts []nodeVerdict) []simulationv1.NodeGroup {
	index := map[string]int{}
	var groups []simulationv1.NodeGroup
	for _, each := range verdicts {
		reasons := slices.Clone(each.status.Reasons())
		slices.Sort(reasons)
		key := each.status.Plugin() + "\n" + strings.Join(reasons, "\n")
		at, known := index[key]
		if !known {
			at = len(groups)
			index[key] = at
			groups = append(groups, simulationv1.NodeGroup{Plugin: each.status.Plugin(), Reasons: reasons})
		}
		groups[at].Nodes = append(groups[at].Nodes, each.node)
	}
	slices.SortStableFunc(groups, func(one, other simulationv1.NodeGroup) int {
		return cmp.Compare(len(other.Nodes), len(one.Nodes))
	})
	return groups
}

// shortages compares what a pod requests with what the nodes have that lack it.
func (c *cluster) shortages(pod *corev1.Pod, groups []simulationv1.NodeGroup) []simulationv1.Shortage {
	scheduler := c.schedulers[pod.Spec.SchedulerName]
	if scheduler == nil {
		return nil
	}
	lacking := map[string][]string{}
	for _, group := range groups {
		for _, reason := range group.Reasons {
			if resource, found := strings.CutPrefix(reason, "Insufficient "); found {
				lacking[resource] = append(lacking[resource], group.Nodes...)
			}
		}
	}
	var shortages []simulationv1.Shortage
	for resource, nodes := range lacking {
		if shortage, found := scheduler.Shortage(pod, corev1.ResourceName(resource), nodes); found {
			shortages = append(shortages, shortage)
		}
	}
	slices.SortFunc(shortages, func(one, other simulationv1.Shortage) int { return cmp.Compare(one.Resource, other.Resource) })
	return shortages
}
