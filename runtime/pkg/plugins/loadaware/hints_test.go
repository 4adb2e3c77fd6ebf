package loadaware

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func newPlugin(t *testing.T) (*Plugin, *clocktesting.FakePassiveClock) {
	t.Helper()
	args, err := validation.DecodeLoadAware(nil)
	if err != nil {
		t.Fatal(err)
	}
	clock := clocktesting.NewFakePassiveClock(zero)
	return New(args, clock, &load.Store{}, nil, nil, nil), clock
}

func placed(name, node string, start time.Time) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-1"}, Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "c"}}}}
	if !start.IsZero() {
		pod.Status.StartTime = &metav1.Time{Time: start}
	}
	return pod
}

func TestPodsOfOthersAreSeen(t *testing.T) {
	p, clock := newPlugin(t)
	handler := p.PodHandler()
	handler.OnAdd(placed("waiting", "", time.Time{}), true)
	handler.OnAdd(placed("other", "n", zero.Add(-5*time.Second)), true)
	p.ledger.sampled("n", &load.Profile{Time: zero.Add(-10 * time.Second), Window: window})
	if got := p.balance("n").missed.requested.cores; got != 0.1 {
		t.Errorf("a pod that requests nothing: got %v cores, want 0.1", got)
	}
	clock.SetTime(zero.Add(time.Minute))
	handler.OnDelete(cache.DeletedFinalStateUnknown{Key: "test/other", Obj: placed("other", "n", zero.Add(-5*time.Second))})
	if got := p.balance("n").missed.requested.cores; got != 0 {
		t.Errorf("gone before any sample showed it: got %v", got)
	}
	handler.OnDelete("nonsense")
	p.NodeHandler().OnDelete(cache.DeletedFinalStateUnknown{Key: "n"})
	if p.ledger.accounts.Get("n") != nil {
		t.Error("a node that is gone is kept")
	}
}
