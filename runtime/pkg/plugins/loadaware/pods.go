package loadaware

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
)

// PodHandler learns of pods that others placed, of when pods really started, and of when they ended.
func (p *Plugin) PodHandler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: p.seen,
		UpdateFunc: func(before, after any) {
			// After a gap in the watch, a pod and its successor of the same name look like one that changed.
			if old, ok := before.(*corev1.Pod); ok {
				if next, ok := after.(*corev1.Pod); ok && next.UID != old.UID {
					p.gone(cache.DeletedFinalStateUnknown{Obj: old})
				}
			}
			p.seen(after)
		},
		DeleteFunc: p.gone,
	}
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func (p *Plugin) seen(object any) {
	pod, ok := object.(*corev1.Pod)
	if !ok || pod.Spec.NodeName == "" {
		return
	}
	p.waiting.remove(pod.UID)
	now := p.clock.Now()
	if ended(pod) {
		p.ledger.end(pod.Spec.NodeName, pod.UID, p.claim(pod, now), now)
		return
	}
	// Until the kubelet says when it started, it starts later than any sample.
	start := now
	if pod.Status.StartTime != nil {
		start = pod.Status.StartTime.Time
	}
	p.ledger.begin(pod.Spec.NodeName, pod.UID, p.claim(pod, now), start, now)
}

func (p *Plugin) gone(object any) {
	tombstone, unseen := object.(cache.DeletedFinalStateUnknown)
	if unseen {
		object = tombstone.Obj
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	p.waiting.remove(pod.UID)
	if unseen && pod.Spec.NodeName == "" {
		// It may have been bound since this was its state.
		p.ledger.dropAnywhere(pod.UID)
	}
	if pod.Spec.NodeName == "" || ended(pod) {
		return
	}
	now := p.clock.Now()
	p.ledger.end(pod.Spec.NodeName, pod.UID, p.claim(pod, now), now)
}

// NodeHandler learns what nodes have for pods, and lets go of those that are gone.
func (p *Plugin) NodeHandler() cache.ResourceEventHandler {
	size := func(object any) {
		if node, ok := object.(*corev1.Node); ok {
			p.ledger.sized(node, p.clock.Now())
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    size,
		UpdateFunc: func(_, object any) { size(object) },
		DeleteFunc: func(object any) {
			if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				p.ledger.forget(tombstone.Key)
			} else if node, ok := object.(*corev1.Node); ok {
				p.ledger.forget(node.Name)
			}
		},
	}
}
