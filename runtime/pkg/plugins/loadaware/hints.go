package loadaware

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// EventsToRegister returns the events that may make a rejected pod schedulable: a deleted pod, and a new or larger node.
// Usage samples are not API events; see waitingPods.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Delete}, QueueingHintFn: queueAfterPodDeletion},
		{Event: fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeAllocatable}},
	}, nil
}

// queueAfterPodDeletion queues waiting pods when a pod with a node is deleted.
func queueAfterPodDeletion(_ klog.Logger, _ *corev1.Pod, before, _ any) (fwk.QueueingHint, error) {
	if deleted, ok := before.(*corev1.Pod); ok && deleted.Spec.NodeName == "" {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
