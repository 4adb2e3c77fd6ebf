// Package explain adds the reasons of scheduler plugins to the events of a pod.
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

// Reasons of upstream's events for a bound pod and for a failed attempt.
const (
	reasonScheduled = "Scheduled"
	reasonFailed    = "FailedScheduling"
)

// Book collects the notes of plugins on pods that have a reserved node and are not bound yet. A nil *Book collects nothing.
type Book struct {
	mutex   sync.Mutex
	notes   map[types.UID][]string
	remarks []func(*corev1.Pod) []string
}

// AddRemarks registers a function that returns remarks on a pod, independent of its node. The Recorder adds them to the
// events of successful and failed attempts.
func (b *Book) AddRemarks(remarksOn func(*corev1.Pod) []string) {
	if b == nil {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.remarks = append(b.remarks, remarksOn)
}

// remarksOn returns the remarks on a pod, in the order of registration.
func (b *Book) remarksOn(pod *corev1.Pod) []string {
	if b == nil {
		return nil
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var texts []string
	for _, remarksOn := range b.remarks {
		for _, text := range remarksOn(pod) {
			// Each scheduler profile has its own instance of a plugin.
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// AddNote adds a plugin's reason for the reserved node of a pod. Plugins call it in Reserve.
func (b *Book) AddNote(pod *corev1.Pod, plugin, text string) {
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

// Drop removes the notes on a pod. Plugins call it in Unreserve.
func (b *Book) Drop(pod *corev1.Pod) { _ = b.take(pod.UID) }

// take removes and returns the notes on a pod, in the order in which they were added.
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

// Recorder returns a recorder that adds the notes on a pod to its Scheduled event and logs them. A separate event would cost
// a third API request per pod. The recorder adds the remarks on the pod to Scheduled and FailedScheduling events. It
// shortens event notes to what the API server accepts.
func (b *Book) Recorder(next events.EventRecorderLogger) events.EventRecorderLogger {
	return &recorder{next, b, klog.Background()}
}

type recorder struct {
	events.EventRecorderLogger
	book   *Book
	logger klog.Logger
}

// WithLogger implements events.EventRecorderLogger.
func (r *recorder) WithLogger(logger klog.Logger) events.EventRecorderLogger {
	return &recorder{r.EventRecorderLogger.WithLogger(logger), r.book, logger}
}

// Eventf implements events.EventRecorder.
func (r *recorder) Eventf(regarding, related runtime.Object, kind, reason, action, note string, args ...any) {
	var why []string
	if pod, ok := regarding.(*corev1.Pod); ok {
		switch reason {
		case reasonScheduled:
			if why = append(r.book.take(pod.UID), r.book.remarksOn(pod)...); len(why) > 0 {
				r.logger.V(2).Info(reasonScheduled, "pod", klog.KObj(pod), "node", pod.Spec.NodeName, "why", strings.Join(why, "; "))
			}
		case reasonFailed:
			why = r.book.remarksOn(pod)
		}
	}
	r.EventRecorderLogger.Eventf(regarding, related, kind, reason, action, "%s", joinReasons(formatNote(note, args), why...))
}
