package loadaware

import (
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

// waitingPods are the pods for which a node was rejected. The scheduler's queue does not watch usage samples, so the plugin
// activates these pods itself.
type waitingPods struct {
	count atomic.Int32
	mutex sync.Mutex
	pods  map[types.UID]waitingPod
}

type waitingPod struct {
	pod      *corev1.Pod
	estimate usageEstimate
}

func (w *waitingPods) add(pod *corev1.Pod, estimate usageEstimate) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.pods == nil {
		w.pods = map[types.UID]waitingPod{}
	}
	w.pods[pod.UID] = waitingPod{pod, estimate}
	w.count.Store(int32(len(w.pods)))
}

func (w *waitingPods) remove(pod types.UID) {
	if w.count.Load() == 0 {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.pods, pod)
	w.count.Store(int32(len(w.pods)))
}

// find returns the pods whose estimate matches, keyed as fwk.Handle.Activate requires; nil if there are none.
func (w *waitingPods) find(matches func(estimate usageEstimate) bool) map[string]*corev1.Pod {
	if w.count.Load() == 0 {
		return nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var found map[string]*corev1.Pod
	for _, waiting := range w.pods {
		if matches(waiting.estimate) {
			if found == nil {
				found = map[string]*corev1.Pod{}
			}
			found[klog.KObj(waiting.pod).String()] = waiting.pod
		}
	}
	return found
}

// addWaiting adds a pod to the waiting pods, unless it was deleted while it was being scheduled: no later event would remove
// it.
func (p *Plugin) addWaiting(pod *corev1.Pod, estimate usageEstimate) {
	p.waiting.add(pod, estimate)
	if p.pods == nil {
		return
	}
	if current, err := p.pods.Pods(pod.Namespace).Get(pod.Name); apierrors.IsNotFound(err) || err == nil && current.UID != pod.UID {
		p.waiting.remove(pod.UID)
	}
}

// activateWaiting activates the pods that a node rejected and no longer rejects. They are activated only once, because
// another plugin may still reject the node.
func (p *Plugin) activateWaiting(before, after headroom) {
	now := p.clock.Now()
	pods := p.waiting.find(func(estimate usageEstimate) bool {
		return p.rejectsWaiting(&before, estimate, now) && !p.rejectsWaiting(&after, estimate, now)
	})
	if len(pods) > 0 && p.handle != nil {
		p.handle.Activate(klog.Background().WithName(Name), pods)
	}
}
