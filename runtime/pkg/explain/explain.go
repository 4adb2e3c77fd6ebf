// Package explain tells a pod, in the event that says where it was put, why there.
package explain

import (
	"fmt"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
)

// scheduled is the reason of upstream's event for a pod that was bound.
const scheduled = "Scheduled"

// Book holds what spoke for the nodes of pods that are reserved and not bound yet. A nil *Book holds nothing.
type Book struct {
	mutex sync.Mutex
	notes map[types.UID][]string
}

// Note what decided for the node that was chosen. Plugins do so when they reserve.
func (b *Book) Note(pod *corev1.Pod, plugin, text string) {
	if b == nil {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.notes == nil {
		b.notes = map[types.UID][]string{}
	}
	b.notes[pod.UID] = append(b.notes[pod.UID], plugin+": "+text)
}

// Drop what was noted of a pod that does not go there after all.
func (b *Book) Drop(pod *corev1.Pod) { _ = b.take(pod.UID) }

// take what was noted, in the order of the plugins.
func (b *Book) take(pod types.UID) string {
	if b == nil {
		return ""
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	text := strings.Join(b.notes[pod], "; ")
	delete(b.notes, pod)
	return text
}

// Recorder adds what was noted of a pod to the event of its binding, and logs it. An event of its own would cost the
// cluster a third request for each pod.
func (b *Book) Recorder(next events.EventRecorderLogger) events.EventRecorderLogger {
	return &recorder{next, b, klog.Background()}
}

type recorder struct {
	events.EventRecorderLogger
	book   *Book
	logger klog.Logger
}

// WithLogger logs with another logger.
func (r *recorder) WithLogger(logger klog.Logger) events.EventRecorderLogger {
	return &recorder{r.EventRecorderLogger.WithLogger(logger), r.book, logger}
}

// Eventf passes an event on.
func (r *recorder) Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any) {
	if pod, ok := regarding.(*corev1.Pod); ok && reason == scheduled {
		if why := r.book.take(pod.UID); why != "" {
			r.logger.V(2).Info(scheduled, "pod", klog.KObj(pod), "node", pod.Spec.NodeName, "why", why)
			note, args = "%s: %s", []any{fmt.Sprintf(note, args...), why}
		}
	}
	r.EventRecorderLogger.Eventf(regarding, related, kind, reason, action, note, args...)
}
