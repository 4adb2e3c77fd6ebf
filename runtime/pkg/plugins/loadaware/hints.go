package loadaware

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// EventsToRegister names what may let a refused pod in: a pod that goes, a node that comes or grows. A node that is less
// busy is no event of the API's; see waiting.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Delete}, QueueingHintFn: podHelps},
		{Event: fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeAllocatable}},
	}, nil
}

// podHelps when a pod leaves a node.
func podHelps(_ klog.Logger, _ *corev1.Pod, before, _ any) (fwk.QueueingHint, error) {
	if gone, ok := before.(*corev1.Pod); ok && gone.Spec.NodeName == "" {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
