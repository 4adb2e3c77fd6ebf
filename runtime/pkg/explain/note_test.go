package explain

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
)

// fakeRecorder keeps the last note.
type fakeRecorder struct{ note string }

func (h *fakeRecorder) Eventf(_, _ runtime.Object, _, _, _, note string, args ...any) {
	h.note = fmt.Sprintf(note, args...)
}

func (h *fakeRecorder) WithLogger(klog.Logger) events.EventRecorderLogger { return h }

func expectValid(t *testing.T, note string) {
	t.Helper()
	if len(note) > maxNote || !utf8.ValidString(note) {
		t.Errorf("%d bytes, valid %v: %q", len(note), utf8.ValidString(note), note)
	}
}

func TestShortensLongReasonsFairly(t *testing.T) {
	next, book := &fakeRecorder{}, &Book{}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: strings.Repeat("p", 253), Namespace: strings.Repeat("n", 63), UID: "uid"}}
	node := strings.Repeat("h", 253)
	book.AddNote(pod, "One", strings.Repeat("大阪、", 100))
	book.AddNote(pod, "Two", "idle")
	book.AddNote(pod, "Three", strings.Repeat("x", 2000))
	book.Recorder(next).Eventf(pod, nil, corev1.EventTypeNormal, reasonScheduled, "Binding", "Successfully assigned %v/%v to %v", pod.Namespace, pod.Name, node)
	expectValid(t, next.note)
	message := fmt.Sprintf("Successfully assigned %s/%s to %s: One: 大阪、", pod.Namespace, pod.Name, node)
	for _, want := range []string{message, "...; Two: idle; Three: xxx"} {
		if !strings.Contains(next.note, want) {
			t.Errorf("%q lacks %q", next.note, want)
		}
	}
	if len(next.note) < maxNote-10 {
		t.Errorf("only %d bytes are used", len(next.note))
	}
}

func TestAddsRemarksToTheFailedSchedulingEvent(t *testing.T) {
	next, book := &fakeRecorder{}, &Book{}
	for range 2 {
		book.AddRemarks(func(*corev1.Pod) []string { return []string{"ignored: annotation"} })
	}
	recorder := book.Recorder(next).WithLogger(klog.Background())
	fail := func(note string) string {
		recorder.Eventf(&corev1.Pod{}, nil, corev1.EventTypeWarning, reasonFailed, "Scheduling", note)
		return next.note
	}
	// Upstream passes the complete message as a format.
	if got, want := fail("1 node's memory would be over 90 %, 2 are full"), "1 node's memory would be over 90 %, 2 are full: ignored: annotation"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Upstream truncates long messages at a byte, which may split a character.
	note := fail(strings.Repeat("é", 510)[:1019] + " ...")
	expectValid(t, note)
	if !strings.HasSuffix(note, ": ignored: annotation") {
		t.Error(note)
	}
}

func TestBoundedShortensNotes(t *testing.T) {
	next := &fakeRecorder{}
	Bounded(next).Eventf(&corev1.Node{}, nil, corev1.EventTypeWarning, "PoolInvalid", "Reconcile", "%s", strings.Repeat("ü", 2000))
	expectValid(t, next.note)
	if !strings.HasPrefix(next.note, "üüü") || !strings.HasSuffix(next.note, "...") {
		t.Error(next.note)
	}
}

func FuzzJoinReasons(f *testing.F) {
	f.Add("message", "a;b", 3)
	f.Add(strings.Repeat("v", 700), strings.Repeat("é", 300), 40)
	f.Fuzz(func(t *testing.T, message, reason string, times int) {
		reasons := make([]string, max(0, min(times, 100)))
		for i := range reasons {
			reasons[i] = reason[:len(reason)*i/len(reasons)]
		}
		note := joinReasons(message, reasons...)
		expectValid(t, note)
		if short := message + ": " + strings.Join(reasons, "; "); len(reasons) > 0 && len(message) <= maxMessage && len(short) <= maxNote && utf8.ValidString(short) && note != short {
			t.Errorf("got %q, want %q", note, short)
		}
	})
}
