package loadaware

import (
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	pod *corev1.Pod
	// expected is what it would use.
	expected usage
}

func (w *waiting) put(pod *corev1.Pod, expected usage) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.pods == nil {
		w.pods = map[types.UID]waiter{}
	}
	w.pods[pod.UID] = waiter{pod, expected}
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
func (w *waiting) among(holds func(expected usage) bool) map[string]*corev1.Pod {
	if w.count.Load() == 0 {
		return nil
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var found map[string]*corev1.Pod
	for _, each := range w.pods {
		if holds(each.expected) {
			if found == nil {
				found = map[string]*corev1.Pod{}
			}
			found[klog.KObj(each.pod).String()] = each.pod
		}
	}
	return found
}

// moved lets those pods try again that a node was too busy for, and no longer is. Once: another plugin may have more
// against it.
func (p *Plugin) moved(before, after level) {
	now, habit := p.clock.Now(), p.ledger.factors()
	freed := p.waiting.among(func(expected usage) bool {
		return p.tooBusy(&before, expected, habit, now) && !p.tooBusy(&after, expected, habit, now)
	})
	if len(freed) > 0 && p.handle != nil {
		p.handle.Activate(klog.Background().WithName(Name), freed)
	}
}

// tooBusy is Filter's judgement by what is measured alone.
func (p *Plugin) tooBusy(row *level, pod, habit usage, now time.Time) bool {
	trust, _ := p.belief.Trust(row.sampled, now)
	if p.closed && trust == 0 {
		return true
	}
	return trust >= halfTrusted && row.exceeded(pod, habit)
}
