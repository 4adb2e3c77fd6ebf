package loadaware

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// newPlugin returns a plugin with arguments, which are JSON fields that start with a comma, an empty store and a fake clock.
func newPlugin(t testing.TB, args string) (*Plugin, *load.Store, *clocktesting.FakePassiveClock) {
	t.Helper()
	decoded, err := validation.DecodeLoadAware(&runtime.Unknown{Raw: fmt.Appendf(nil, `{"apiVersion":"config.skerry.dev/v1","kind":"LoadAwareArgs"%s}`, args)})
	if err != nil {
		t.Fatal(err)
	}
	clock, store := clocktesting.NewFakePassiveClock(zero), &load.Store{}
	return New(decoded, clock, store, nil, nil, nil), store, clock
}

func placed(name, node string, start time.Time) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-1"}, Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "c"}}}}
	if !start.IsZero() {
		pod.Status.StartTime = &metav1.Time{Time: start}
	}
	return pod
}

func TestTracksPodsOfOtherSchedulers(t *testing.T) {
	p, _, clock := newPlugin(t, "")
	p.NodeHandler().OnAdd(node("n", 4), true)
	handler := p.PodHandler()
	handler.OnAdd(placed("waiting", "", time.Time{}), true)
	handler.OnAdd(placed("other", "n", zero.Add(-5*time.Second)), true)
	p.tracker.setProfile("n", &load.Profile{Time: zero.Add(-10 * time.Second), Window: window}, zero)
	if got := p.snapshot("n").correction.requested.cores; got != 0.1 {
		t.Errorf("pod without requests: got %v cores, want 0.1", got)
	}
	clock.SetTime(zero.Add(time.Minute))
	handler.OnDelete(cache.DeletedFinalStateUnknown{Key: "test/other", Obj: placed("other", "n", zero.Add(-5*time.Second))})
	if got := p.snapshot("n").correction.requested.cores; got != 0 {
		t.Errorf("ended before any sample: got %v", got)
	}
	handler.OnDelete("nonsense")
	p.NodeHandler().OnDelete(cache.DeletedFinalStateUnknown{Key: "n"})
	if p.tracker.nodes.Get("n") != nil {
		t.Error("deleted node was not dropped")
	}
}
