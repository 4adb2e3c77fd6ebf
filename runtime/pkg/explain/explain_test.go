package explain

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
)

func TestAddsNotesToTheScheduledEvent(t *testing.T) {
	recorded := make(chan string, 10)
	book := &Book{}
	recorder := book.Recorder(&events.FakeRecorder{Events: recorded}).WithLogger(klog.Background())
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "a", UID: "uid"}}
	bind := func() string {
		recorder.Eventf(pod, nil, corev1.EventTypeNormal, reasonScheduled, "Binding", "Successfully assigned %s to %s", "a", "n-100%")
		return <-recorded
	}
	book.AddNote(pod, "One", "near, 50 %")
	book.AddNote(pod, "Two", "idle")
	recorder.Eventf(pod, nil, corev1.EventTypeWarning, "FailedScheduling", "Scheduling", "no %s", "room")
	if got, want := <-recorded, "Warning FailedScheduling no room"; got != want {
		t.Errorf("another event: got %q, want %q", got, want)
	}
	if got, want := bind(), "Normal Scheduled Successfully assigned a to n-100%: One: near, 50 %; Two: idle"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := bind(), "Normal Scheduled Successfully assigned a to n-100%"; got != want {
		t.Errorf("second event: got %q, want %q", got, want)
	}
	book.AddNote(pod, "One", "near")
	book.Drop(pod)
	if got, want := bind(), "Normal Scheduled Successfully assigned a to n-100%"; got != want {
		t.Errorf("after Drop: got %q, want %q", got, want)
	}
	if len(book.notes) > 0 {
		t.Errorf("notes left: %v", book.notes)
	}
	var none *Book
	none.AddNote(pod, "One", "near")
	none.Drop(pod)
}
