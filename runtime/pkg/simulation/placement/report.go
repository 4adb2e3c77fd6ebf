package placement

import (
	"cmp"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	resourcehelper "k8s.io/component-helpers/resource"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// report describes the cluster as it is. Without rollouts, workloads are what they are found to be.
func (c *cluster) report(rollouts bool) *simulationv1.Outcome {
	outcome := &simulationv1.Outcome{Pods: []simulationv1.Pod{}, Workloads: []simulationv1.Workload{}, Nodes: []simulationv1.Node{}}
	verdicts := verdictIndex{}
	for _, each := range c.sortedPods() {
		reported := c.reportPod(each)
		reported.Verdict = verdicts.of(each.decision.verdict)
		outcome.Pods = append(outcome.Pods, reported)
	}
	if rollouts {
		outcome.Pods = append(outcome.Pods, c.runCronJobs()...)
	}
	slices.SortFunc(outcome.Pods, func(one, other simulationv1.Pod) int {
		return cmp.Or(cmp.Compare(one.Namespace, other.Namespace), cmp.Compare(one.Name, other.Name))
	})
	outcome.Removed = slices.Clone(c.removed)
	for _, w := range c.workloads {
		if w.managed || w.ref.Kind == "Pod" || w.ref.Kind == "CronJob" {
			continue
		}
		outcome.Workloads = append(outcome.Workloads, c.reportWorkload(w))
	}
	outcome.Nodes = c.reportNodes()
	outcome.Unschedulable = verdicts.list
	outcome.NotModelled = c.input.notModelled
	outcome.Findings = append(slices.Clone(c.findings), c.findProblems()...)
	return outcome
}

// verdictIndex lists each verdict once.
type verdictIndex struct {
	list  []simulationv1.Unschedulable
	index map[*simulationv1.Unschedulable]int
}

func (v *verdictIndex) of(verdict *simulationv1.Unschedulable) *int {
	if verdict == nil {
		return nil
	}
	at, known := v.index[verdict]
	if !known {
		if v.index == nil {
			v.index = map[*simulationv1.Unschedulable]int{}
		}
		at = len(v.list)
		v.index[verdict] = at
		v.list = append(v.list, *verdict)
	}
	return &at
}

func (c *cluster) reportPod(p *pod) simulationv1.Pod {
	status := simulationv1.Placed
	switch {
	case p.gated() && p.node() == "":
		status = simulationv1.Gated
	case p.node() == "":
		status = simulationv1.Pending
	}
	return simulationv1.Pod{
		Namespace: p.object.Namespace, Name: p.object.Name, Owner: p.ownerReference(), Revision: p.revision,
		Scheduler: p.object.Spec.SchedulerName, Priority: p.priority(), Status: status, Origin: p.origin, Node: p.node(),
		Why: p.decision.why, Score: p.decision.score, Alternatives: p.decision.alternatives, Ties: p.decision.ties,
		Feasible: p.decision.feasible, Nominated: p.object.Status.NominatedNodeName,
	}
}

func (c *cluster) reportWorkload(w *workload) simulationv1.Workload {
	reported := simulationv1.Workload{ObjectReference: w.ref, Desired: w.desired(), Steps: w.steps}
	updatedAvailable := 0
	var pending *pod
	for _, each := range w.pods {
		if each.set == w.current {
			reported.Updated++
			if each.available() {
				updatedAvailable++
			}
		} else {
			reported.Outdated++
		}
		if each.available() {
			reported.Available++
		} else if pending == nil {
			pending = each
		}
	}
	mayStay := w.mayStayOutdated()
	reported.Complete = w.current != nil && reported.Available >= reported.Desired && (mayStay || updatedAvailable >= reported.Desired && reported.Outdated == 0)
	if reported.Complete {
		return reported
	}
	switch {
	case w.current == nil:
		reported.Blocked = "the API server refuses its pods"
	case pending != nil && pending.gated():
		reported.Blocked = fmt.Sprintf("pod %s waits for its scheduling gates", pending.object.Name)
	case pending != nil && pending.decision.verdict != nil:
		reported.Blocked = fmt.Sprintf("pod %s is unschedulable: %s", pending.object.Name, pending.decision.verdict.Message)
	default:
		if deployment, ok := w.object.(*appsv1.Deployment); ok && deployment.Spec.Paused {
			reported.Blocked = "the Deployment is paused"
		}
	}
	return reported
}

// mayStayOutdated reports whether a complete rollout may leave pods of earlier revisions.
func (w *workload) mayStayOutdated() bool {
	switch typed := w.object.(type) {
	case *appsv1.StatefulSet:
		return typed.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType || partition(typed) > 0
	case *appsv1.DaemonSet:
		return typed.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType
	case *appsv1.ReplicaSet:
		return true
	}
	return false
}

func (c *cluster) reportNodes() []simulationv1.Node {
	requested := map[string]corev1.ResourceList{}
	pods := map[string]int{}
	for _, each := range c.pods {
		if each.node() == "" {
			continue
		}
		pods[each.node()]++
		sum := requested[each.node()]
		if sum == nil {
			sum = corev1.ResourceList{}
			requested[each.node()] = sum
		}
		for name, quantity := range resourcehelper.PodRequests(each.object, resourcehelper.PodResourcesOptions{}) {
			total := sum[name]
			total.Add(quantity)
			sum[name] = total
		}
	}
	nodes := make([]simulationv1.Node, 0, len(c.input.nodes))
	for _, node := range c.input.nodes {
		nodes = append(nodes, simulationv1.Node{
			Name: node.Name, Region: regionOf(node), Pool: node.Labels[labels.NodePool], Ready: ready(node), Pods: pods[node.Name],
			Requested: quantities(requested[node.Name]), Allocatable: quantities(node.Status.Allocatable),
		})
	}
	return nodes
}

// regionOf a node: its edge region, else the region of its topology.
func regionOf(node *corev1.Node) string {
	return cmp.Or(node.Labels[labels.EdgeRegion], node.Labels[labels.TopologyRegion])
}

func ready(node *corev1.Node) bool {
	return !slices.ContainsFunc(node.Status.Conditions, func(condition corev1.NodeCondition) bool {
		return condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue
	})
}

func quantities(list corev1.ResourceList) map[string]string {
	texts := make(map[string]string, len(list))
	for name, quantity := range list {
		texts[string(name)] = quantity.String()
	}
	return texts
}
