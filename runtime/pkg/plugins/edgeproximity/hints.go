package edgeproximity

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// EventsToRegister returns the events that may make a rejected pod schedulable: a node is added to one of its regions, moves
// there by its labels, loses a taint, is uncordoned or gets more allocatable resources; a pod in one of its regions is
// deleted; the constraints of the pod change. Changes of annotations have no event type of their own, so the plugin
// registers all updates of pods.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{
			Event:          fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeLabel | fwk.UpdateNodeTaint | fwk.UpdateNodeAllocatable},
			QueueingHintFn: queueAfterNodeChange,
		},
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Update}, QueueingHintFn: queueAfterPodUpdate},
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Delete}, QueueingHintFn: p.queueAfterPodDeletion},
	}, nil
}

// queueAfterNodeChange queues a pod when a relevant change of a node in its regions occurs.
func queueAfterNodeChange(_ klog.Logger, pod *corev1.Pod, before, after any) (fwk.QueueingHint, error) {
	node, ok := after.(*corev1.Node)
	c := parseConstraints(pod)
	if !ok || !c.hasRegion() {
		return fwk.Queue, nil
	}
	if old, ok := before.(*corev1.Node); ok && locationOf(old) == locationOf(node) && edgeRegion(old) == edgeRegion(node) && !isMoreOpen(old, node) && !hasGrown(old, node) {
		return fwk.QueueSkip, nil
	}
	// The next attempt checks whether the node is within the budget.
	if c.required == "" || c.rank(edgeRegion(node)) >= 0 {
		return fwk.Queue, nil
	}
	return fwk.QueueSkip, nil
}

// isMoreOpen reports whether a node was uncordoned or lost a taint.
func isMoreOpen(before, after *corev1.Node) bool {
	return before.Spec.Unschedulable && !after.Spec.Unschedulable || len(after.Spec.Taints) < len(before.Spec.Taints)
}

// hasGrown reports whether any allocatable resource of a node increased.
func hasGrown(before, after *corev1.Node) bool {
	for name, now := range after.Status.Allocatable {
		if now.Cmp(before.Status.Allocatable[name]) > 0 {
			return true
		}
	}
	return false
}

// queueAfterPodDeletion queues pods whose last attempt was narrowed to one of several regions for preemption. In the other
// regions, no other plugin has rejected a node, so no other plugin registers interest in events there.
func (p *Plugin) queueAfterPodDeletion(_ klog.Logger, pod *corev1.Pod, before, _ any) (fwk.QueueingHint, error) {
	c := parseConstraints(pod)
	deleted, ok := before.(*corev1.Pod)
	if !ok || deleted.Spec.NodeName == "" || !c.hasRegion() || c.required != "" && len(c.fallback) == 0 {
		return fwk.QueueSkip, nil
	}
	if c.required == "" || c.rank(p.index.EdgeRegionOf(deleted.Spec.NodeName)) >= 0 {
		return fwk.Queue, nil
	}
	return fwk.QueueSkip, nil
}

// queueAfterPodUpdate queues a pod when its own constraints change.
func queueAfterPodUpdate(_ klog.Logger, pod *corev1.Pod, before, after any) (fwk.QueueingHint, error) {
	old, okOld := before.(*corev1.Pod)
	updated, okUpdated := after.(*corev1.Pod)
	if okOld && okUpdated && (updated.UID != pod.UID || parseConstraints(old).equal(parseConstraints(updated))) {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
