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

// heard is a recorder that keeps the last note.
type heard struct{ note string }

func (h *heard) Eventf(_, _ runtime.Object, _, _, _, note string, args ...any) {
	h.note = fmt.Sprintf(note, args...)
}

func (h *heard) WithLogger(klog.Logger) events.EventRecorderLogger { return h }

func valid(t *testing.T, note string) {
	t.Helper()
	if len(note) > longestNote || !utf8.ValidString(note) {
		t.Errorf("%d bytes, valid %v: %q", len(note), utf8.ValidString(note), note)
	}
}

func TestEveryReasonKeepsItsShareOfALongNote(t *testing.T) {
	next, book := &heard{}, &Book{}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: strings.Repeat("p", 253), Namespace: strings.Repeat("n", 63), UID: "uid"}}
	node := strings.Repeat("h", 253)
	book.Note(pod, "One", strings.Repeat("大阪、", 100))
	book.Note(pod, "Two", "idle")
	book.Note(pod, "Three", strings.Repeat("x", 2000))
	book.Recorder(next).Eventf(pod, nil, corev1.EventTypeNormal, scheduled, "Binding", "Successfully assigned %v/%v to %v", pod.Namespace, pod.Name, node)
	valid(t, next.note)
	verdict := fmt.Sprintf("Successfully assigned %s/%s to %s: One: 大阪、", pod.Namespace, pod.Name, node)
	for _, want := range []string{verdict, "...; Two: idle; Three: xxx"} {
		if !strings.Contains(next.note, want) {
			t.Errorf("%q lacks %q", next.note, want)
		}
	}
	if len(next.note) < longestNote-10 {
		t.Errorf("only %d bytes are used", len(next.note))
	}
}

func TestAFailedAttemptIsToldWhatIsIgnored(t *testing.T) {
	next, book := &heard{}, &Book{}
	for range 2 {
		book.Remark(func(*corev1.Pod) []string { return []string{"ignored: annotation"} })
	}
	recorder := book.Recorder(next).WithLogger(klog.Background())
	fail := func(note string) string {
		recorder.Eventf(&corev1.Pod{}, nil, corev1.EventTypeWarning, failed, "Scheduling", note)
		return next.note
	}
	// Upstream passes the message as a format.
	if got, want := fail("1 node's memory would be over 90 %, 2 are full"), "1 node's memory would be over 90 %, 2 are full: ignored: annotation"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Upstream cuts long ones at a byte.
	note := fail(strings.Repeat("é", 510)[:1019] + " ...")
	valid(t, note)
	if !strings.HasSuffix(note, ": ignored: annotation") {
		t.Error(note)
	}
}

func TestBoundedRecorder(t *testing.T) {
	next := &heard{}
	Bounded(next).Eventf(&corev1.Node{}, nil, corev1.EventTypeWarning, "PoolInvalid", "Reconcile", "%s", strings.Repeat("ü", 2000))
	valid(t, next.note)
	if !strings.HasPrefix(next.note, "üüü") || !strings.HasSuffix(next.note, "...") {
		t.Error(next.note)
	}
}

func FuzzBound(f *testing.F) {
	f.Add("verdict", "a;b", 3)
	f.Add(strings.Repeat("v", 700), strings.Repeat("é", 300), 40)
	f.Fuzz(func(t *testing.T, verdict, reason string, times int) {
		reasons := make([]string, max(0, min(times, 100)))
		for i := range reasons {
			reasons[i] = reason[:len(reason)*i/len(reasons)]
		}
		note := bound(verdict, reasons...)
		valid(t, note)
		if short := verdict + ": " + strings.Join(reasons, "; "); len(reasons) > 0 && len(verdict) <= longestVerdict && len(short) <= longestNote && utf8.ValidString(short) && note != short {
			t.Errorf("got %q, want %q", note, short)
		}
	})
}
