// Package explain tells a pod, in the event that says where it was put, why there.
package explain

import (
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
)

// Reasons of upstream's events: a pod was bound, and an attempt failed.
const (
	scheduled = "Scheduled"
	failed    = "FailedScheduling"
)

// Book holds what spoke for the nodes of pods that are reserved and not bound yet. A nil *Book holds nothing.
type Book struct {
	mutex   sync.Mutex
	notes   map[types.UID][]string
	remarks []func(*corev1.Pod) []string
}

// Remark adds what a plugin has to say about a pod, wherever it goes, to the events of all its attempts.
func (b *Book) Remark(on func(*corev1.Pod) []string) {
	if b == nil {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.remarks = append(b.remarks, on)
}

// remarksOn a pod, in the order of the plugins.
func (b *Book) remarksOn(pod *corev1.Pod) []string {
	if b == nil {
		return nil
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var texts []string
	for _, on := range b.remarks {
		for _, text := range on(pod) {
			// Each profile of the scheduler has a plugin of its own.
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
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
func (b *Book) take(pod types.UID) []string {
	if b == nil {
		return nil
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	texts := b.notes[pod]
	delete(b.notes, pod)
	return texts
}

// Recorder adds what was noted of a pod to the event of its binding, and logs it; an event of its own would cost the
// cluster a third request for each pod. To that event and to those of failed attempts it adds the remarks on the pod.
// All notes are short enough for the API server.
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
	var why []string
	if pod, ok := regarding.(*corev1.Pod); ok {
		switch reason {
		case scheduled:
			if why = append(r.book.take(pod.UID), r.book.remarksOn(pod)...); len(why) > 0 {
				r.logger.V(2).Info(scheduled, "pod", klog.KObj(pod), "node", pod.Spec.NodeName, "why", strings.Join(why, "; "))
			}
		case failed:
			why = r.book.remarksOn(pod)
		}
	}
	r.EventRecorderLogger.Eventf(regarding, related, kind, reason, action, "%s", bound(format(note, args), why...))
}
