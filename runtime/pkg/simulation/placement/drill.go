package placement

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// detectionSeconds is kube-controller-manager's --node-monitor-grace-period by default: how long a node may be silent.
const detectionSeconds = 50

// drill runs a drill and takes it back.
func (c *cluster) drill(d simulationv1.Drill) simulationv1.DrillReport {
	report := simulationv1.DrillReport{Drill: d}
	if d.Link != nil {
		c.drillLink(d.Link, &report)
		return report
	}
	var lost []*corev1.Node
	for _, node := range c.input.nodes {
		if d.Node != "" && node.Name == d.Node || d.Region != "" && regionOf(node) == d.Region {
			lost = append(lost, node)
			report.Nodes = append(report.Nodes, node.Name)
		}
	}
	if len(lost) == 0 {
		report.Error = fmt.Sprintf("no node is in region %q", d.Region)
		if d.Node != "" {
			report.Error = fmt.Sprintf("node %q does not exist", d.Node)
		}
		return report
	}
	report.ControlPlaneLost = losesControlPlane(c.input.nodes, lost)
	if !report.ControlPlaneLost {
		report.DetectionSeconds = detectionSeconds
	}
	report.Volumes = c.volumesOf(lost)
	c.try(func() { c.lose(lost, &report) })
	return report
}

// displaced pod of a drill.
type displaced struct {
	pod *pod
	// after is when it is evicted, in seconds from the detection; nil is never.
	after     *int64
	successor *pod
}

// lose nodes: the control plane taints them, evicts their pods one node after the other, and replaces these elsewhere.
func (c *cluster) lose(lost []*corev1.Node, report *simulationv1.DrillReport) {
	pods := c.sortedPods()
	before := availability(pods)
	turns := map[string]*int64{}
	if !report.ControlPlaneLost {
		turns = evictionTurns(c.input.nodes, lost)
	}
	all := c.disconnect(lost, turns, pods)
	during := availability(pods)
	removed := len(c.removed)
	for start := 0; start < len(all) && all[start].after != nil; {
		end := start
		for end < len(all) && all[end].after != nil && *all[end].after == *all[start].after {
			end++
		}
		c.evict(all[start:end])
		start = end
	}
	for _, gone := range c.removed[removed:] {
		if gone.Reason == simulationv1.Preempted {
			report.Preempted = append(report.Preempted, gone)
		}
	}
	verdicts := verdictIndex{}
	for _, each := range all {
		report.Displaced = append(report.Displaced, each.report(&verdicts))
	}
	report.Unschedulable = verdicts.list
	after := availability(c.sortedPods())
	for _, w := range c.workloads {
		if before[w] != during[w] || before[w] != after[w] {
			report.Workloads = append(report.Workloads, simulationv1.DrillWorkload{
				ObjectReference: w.ref, Desired: w.desired(), Before: before[w], During: during[w], After: after[w],
			})
		}
	}
}

func availability(pods []*pod) map[*workload]int {
	available := map[*workload]int{}
	for _, each := range pods {
		if each.available() && each.owner != nil {
			available[each.owner]++
		}
	}
	return available
}

// disconnect nodes, and return their pods in the order of their eviction.
func (c *cluster) disconnect(lost []*corev1.Node, turns map[string]*int64, pods []*pod) []*displaced {
	tainted := map[string][]corev1.Taint{}
	for _, node := range lost {
		silent := node.DeepCopy()
		silent.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
		complete(silent)
		tainted[node.Name] = silent.Spec.Taints
		c.store.Put(silent)
	}
	var all []*displaced
	for _, each := range pods {
		taints, is := tainted[each.node()]
		if !is {
			continue
		}
		each.unreachable = true
		c.revert(func() { each.unreachable = false })
		made := &displaced{pod: each}
		if turn := turns[each.node()]; turn != nil {
			seconds, tolerated := tolerates(each.object, taints)
			switch {
			case !tolerated:
				made.after = turn
			case seconds != nil:
				made.after = ptr.To(*turn + max(0, *seconds))
			}
		}
		all = append(all, made)
	}
	slices.SortStableFunc(all, func(one, other *displaced) int {
		switch {
		case one.after == nil || other.after == nil:
			return compareBool(one.after == nil, other.after == nil)
		}
		return cmp.Compare(*one.after, *other.after)
	})
	return all
}

// evict pods at one moment, let their controllers replace them, and note who follows whom.
func (c *cluster) evict(all []*displaced) {
	first := c.sequence
	for _, each := range all {
		c.terminate(each.pod)
	}
	c.run()
	created := map[*workload][]*pod{}
	for _, each := range all {
		owner := each.pod.owner
		if _, listed := created[owner]; listed || owner == nil {
			continue
		}
		created[owner] = nil
		for _, sibling := range owner.pods {
			if sibling.sequence > first {
				created[owner] = append(created[owner], sibling)
			}
		}
	}
	for _, each := range all {
		if next := created[each.pod.owner]; len(next) > 0 {
			each.successor, created[each.pod.owner] = next[0], next[1:]
		}
	}
}

// terminate marks a pod as deleted. It stays until its node's kubelet has stopped it.
func (c *cluster) terminate(p *pod) {
	before := p.object
	deleted := *before
	at := metav1.NewTime(c.now())
	deleted.DeletionTimestamp = &at
	p.object, p.terminating = &deleted, true
	c.revert(func() { p.object, p.terminating = before, false })
	c.store.Put(p.object)
	if p.owner != nil {
		p.owner.dirty = true
	}
}

func (d *displaced) report(verdicts *verdictIndex) simulationv1.DisplacedPod {
	p := d.pod
	reported := simulationv1.DisplacedPod{
		Namespace: p.object.Namespace, Name: p.object.Name, Owner: p.ownerReference(), Node: p.node(), AfterSeconds: d.after,
	}
	switch {
	case d.after == nil:
		reported.Fate = simulationv1.Waiting
	case d.successor != nil && d.successor.node() != "":
		reported.Fate, reported.Successor, reported.To = simulationv1.Rescheduled, d.successor.object.Name, d.successor.node()
	case d.successor != nil:
		reported.Fate, reported.Successor = simulationv1.Unplaceable, d.successor.object.Name
		reported.Verdict = verdicts.of(d.successor.decision.verdict)
	case p.owner != nil && p.owner.ref.Kind == "StatefulSet":
		reported.Fate = simulationv1.Stuck
	default:
		reported.Fate = simulationv1.Lost
	}
	return reported
}
