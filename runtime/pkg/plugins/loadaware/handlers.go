package loadaware

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
)

// PodHandler returns the informer event handler that tracks pods: those bound by other schedulers, and when pods start and
// end.
func (p *Plugin) PodHandler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: p.updatePod,
		UpdateFunc: func(before, after any) {
			// After a gap in the watch, a pod and its successor of the same name look like an update.
			if old, ok := before.(*corev1.Pod); ok {
				if next, ok := after.(*corev1.Pod); ok && next.UID != old.UID {
					p.deletePod(cache.DeletedFinalStateUnknown{Obj: old})
				}
			}
			p.updatePod(after)
		},
		DeleteFunc: p.deletePod,
	}
}

func isTerminated(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func (p *Plugin) updatePod(object any) {
	pod, ok := object.(*corev1.Pod)
	if !ok || pod.Spec.NodeName == "" {
		return
	}
	p.waiting.remove(pod.UID)
	now := p.clock.Now()
	if isTerminated(pod) {
		p.tracker.end(pod.Spec.NodeName, pod.UID, p.demandOf(pod, now), now)
		return
	}
	// Until the kubelet reports the start, no sample contains the pod.
	start := now
	if pod.Status.StartTime != nil {
		start = pod.Status.StartTime.Time
	}
	p.tracker.assign(pod.Spec.NodeName, pod.UID, p.demandOf(pod, now), start, now)
}

func (p *Plugin) deletePod(object any) {
	tombstone, missedDelete := object.(cache.DeletedFinalStateUnknown)
	if missedDelete {
		object = tombstone.Obj
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	p.waiting.remove(pod.UID)
	if missedDelete && pod.Spec.NodeName == "" {
		// The pod may have been bound after its last known state.
		p.tracker.unassignFromAll(pod.UID)
	}
	if pod.Spec.NodeName == "" || isTerminated(pod) {
		return
	}
	now := p.clock.Now()
	p.tracker.end(pod.Spec.NodeName, pod.UID, p.demandOf(pod, now), now)
}

// NodeHandler returns the informer event handler that tracks nodes and their allocatable resources.
func (p *Plugin) NodeHandler() cache.ResourceEventHandler {
	setNode := func(object any) {
		if node, ok := object.(*corev1.Node); ok {
			p.tracker.setNode(node, p.clock.Now())
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    setNode,
		UpdateFunc: func(_, object any) { setNode(object) },
		DeleteFunc: func(object any) {
			if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				p.tracker.removeNode(tombstone.Key)
			} else if node, ok := object.(*corev1.Node); ok {
				p.tracker.removeNode(node.Name)
			}
		},
	}
}
