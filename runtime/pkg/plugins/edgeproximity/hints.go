package edgeproximity

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// EventsToRegister names what may let a refused pod in: a node that appears in one of its regions, moves there by its
// labels, opens or grows; a pod that leaves one of its regions; another wish of the pod. Annotations have no event of
// their own, but count as an update.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{
			Event:          fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeLabel | fwk.UpdateNodeTaint | fwk.UpdateNodeAllocatable},
			QueueingHintFn: nodeHelps,
		},
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Update}, QueueingHintFn: podHelps},
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Delete}, QueueingHintFn: p.leavingHelps},
	}, nil
}

func nodeHelps(_ klog.Logger, pod *corev1.Pod, before, after any) (fwk.QueueingHint, error) {
	node, ok := after.(*corev1.Node)
	w := read(pod)
	if !ok || !w.asks() {
		return fwk.Queue, nil
	}
	if old, ok := before.(*corev1.Node); ok && place(old) == place(node) && edgeRegion(old) == edgeRegion(node) && !opened(old, node) && !grew(old, node) {
		return fwk.QueueSkip, nil
	}
	// Whether a budget allows the node's region is for the next attempt to say.
	if w.required == "" || w.rank(edgeRegion(node)) >= 0 {
		return fwk.Queue, nil
	}
	return fwk.QueueSkip, nil
}

// opened tells whether a node may take pods that it did not before.
func opened(before, after *corev1.Node) bool {
	return before.Spec.Unschedulable && !after.Spec.Unschedulable || len(after.Spec.Taints) < len(before.Spec.Taints)
}

// grew tells whether a node has more of something to allocate than before.
func grew(before, after *corev1.Node) bool {
	for name, now := range after.Status.Allocatable {
		if now.Cmp(before.Status.Allocatable[name]) > 0 {
			return true
		}
	}
	return false
}

// leavingHelps wakes pods whose attempt looked at one of several regions only, for preemption: what the other plugins
// would have said of the others, and wait for there, is not known.
func (p *Plugin) leavingHelps(_ klog.Logger, pod *corev1.Pod, before, _ any) (fwk.QueueingHint, error) {
	w := read(pod)
	gone, ok := before.(*corev1.Pod)
	if !ok || gone.Spec.NodeName == "" || !w.asks() || w.required != "" && len(w.fallback) == 0 {
		return fwk.QueueSkip, nil
	}
	if w.required == "" || w.rank(p.index.RegionOf(gone.Spec.NodeName)) >= 0 {
		return fwk.Queue, nil
	}
	return fwk.QueueSkip, nil
}

func podHelps(_ klog.Logger, pod *corev1.Pod, before, after any) (fwk.QueueingHint, error) {
	old, wasPod := before.(*corev1.Pod)
	changed, isPod := after.(*corev1.Pod)
	if wasPod && isPod && (changed.UID != pod.UID || read(old).same(read(changed))) {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
