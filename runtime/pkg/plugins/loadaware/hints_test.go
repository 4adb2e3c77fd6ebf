package loadaware

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/apis/nodeprofile/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func newPlugin(t *testing.T) (*Plugin, *clocktesting.FakePassiveClock) {
	t.Helper()
	args, err := validation.DecodeLoadAware(nil)
	if err != nil {
		t.Fatal(err)
	}
	clock := clocktesting.NewFakePassiveClock(zero)
	return New(args, clock, &load.Store{}, nil, nil), clock
}

func object(t *testing.T, memory float64, samples int) *unstructured.Unstructured {
	t.Helper()
	profile := &v1alpha1.NodeProfile{}
	for range samples {
		profile.Status.Samples = append(profile.Status.Samples, v1alpha1.Sample{
			Time: metav1.NewMicroTime(zero), WindowSeconds: 30, Usage: v1alpha1.Usage{MemoryPercent: &memory},
		})
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(profile)
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: fields}
}

func TestAProfileHelpsWhenTheNodeIsUnderTheThreshold(t *testing.T) {
	p, _ := newPlugin(t)
	for name, each := range map[string]struct {
		after any
		want  fwk.QueueingHint
	}{
		"idle":       {object(t, 20, 1), fwk.Queue},
		"busy":       {object(t, 95, 1), fwk.QueueSkip},
		"no samples": {object(t, 0, 0), fwk.QueueSkip},
		"unknown":    {"a tombstone", fwk.Queue},
	} {
		if got, err := p.profileHelps(klog.Background(), &corev1.Pod{}, nil, each.after); got != each.want || err != nil {
			t.Errorf("%s: got %v, want %v (%v)", name, got, each.want, err)
		}
	}
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
	if got := p.balance("n").missed.cores; got != 0.1 {
		t.Errorf("a pod that requests nothing: got %v cores, want 0.1", got)
	}
	clock.SetTime(zero.Add(time.Minute))
	handler.OnDelete(cache.DeletedFinalStateUnknown{Key: "test/other", Obj: placed("other", "n", zero.Add(-5*time.Second))})
	if got := p.balance("n").missed.cores; got != 0 {
		t.Errorf("gone before any sample showed it: got %v", got)
	}
	handler.OnDelete("nonsense")
	p.NodeHandler().OnDelete(cache.DeletedFinalStateUnknown{Key: "n"})
	if p.ledger.accounts.Get("n") != nil {
		t.Error("a node that is gone is kept")
	}
}
