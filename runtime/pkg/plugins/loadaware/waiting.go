package loadaware

import (
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

// waiting are pods that some node was refused to. What is known of nodes comes from two origins, neither of which the
// scheduler's queue follows: so the plugin lets them try again itself.
type waiting struct {
	count atomic.Int32
	mutex sync.Mutex
	pods  map[types.UID]waiter
}

type waiter struct {
	pod     *corev1.Pod
	expects expectation
}

func (w *waiting) put(pod *corev1.Pod, expects expectation) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.pods == nil {
		w.pods = map[types.UID]waiter{}
	}
	w.pods[pod.UID] = waiter{pod, expects}
	w.count.Store(int32(len(w.pods)))
}

func (w *waiting) remove(pod types.UID) {
	if w.count.Load() == 0 {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.pods, pod)
	w.count.Store(int32(len(w.pods)))
}

// among them, those that a condition holds for, as the scheduler's queue wants them.
func (w *waiting) among(holds func(expects expectation) bool) map[string]*corev1.Pod {
	if w.count.Load() == 0 {
		return nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var found map[string]*corev1.Pod
	for _, each := range w.pods {
		if holds(each.expects) {
			if found == nil {
				found = map[string]*corev1.Pod{}
			}
			found[klog.KObj(each.pod).String()] = each.pod
		}
	}
	return found
}

// wait for news of nodes. A pod may have been deleted while it was being scheduled; then no event will end its wait.
func (p *Plugin) wait(pod *corev1.Pod, expects expectation) {
	p.waiting.put(pod, expects)
	if p.pods == nil {
		return
	}
	if known, err := p.pods.Pods(pod.Namespace).Get(pod.Name); apierrors.IsNotFound(err) || err == nil && known.UID != pod.UID {
		p.waiting.remove(pod.UID)
	}
}

// moved lets those pods try again that a node was too busy for, and no longer is. Once: another plugin may have more
// against it.
func (p *Plugin) moved(before, after level) {
	now := p.clock.Now()
	freed := p.waiting.among(func(expects expectation) bool {
		return p.tooBusy(&before, expects, now) && !p.tooBusy(&after, expects, now)
	})
	if len(freed) > 0 && p.handle != nil {
		p.handle.Activate(klog.Background().WithName(Name), freed)
	}
}
