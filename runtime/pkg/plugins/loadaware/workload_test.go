package loadaware

import (
	"fmt"
	"math"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func owned(kind, name string, labels map[string]string) *corev1.Pod {
	controller := true
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "ns", Labels: labels, OwnerReferences: []metav1.OwnerReference{{Kind: kind, Name: name, Controller: &controller}},
	}}
}

func TestAWorkloadStaysTheSameWhenItIsRolledOut(t *testing.T) {
	hash := map[string]string{"pod-template-hash": "7866fc6bf7"}
	for want, pod := range map[string]*corev1.Pod{
		"ns/ReplicaSet/web":           owned("ReplicaSet", "web-7866fc6bf7", hash),
		"ns/ReplicaSet/web-7866fc6bf": owned("ReplicaSet", "web-7866fc6bf", hash),
		"ns/StatefulSet/db-0":         owned("StatefulSet", "db-0", nil),
		"ns/Job/backup":               owned("Job", "backup-29384756", nil),
		"ns/Job/backup-2nd":           owned("Job", "backup-2nd", nil),
		"":                            {},
	} {
		if got := controllerOf(pod); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhatPodsOfAWorkloadUsedIsExpectedOfTheNext(t *testing.T) {
	var w workload
	request, perCore := usage{0.5, 2000e6}, 2.0
	if got := w.expect(request); got != (expectation{requested: request}) {
		t.Errorf("without samples: got %v", got)
	}
	w.learn(usage{4, 0}, request, zero)
	if got := w.expect(request).all(perCore); got != (usage{2.5, 1000e6}) {
		t.Errorf("one sample counts as much as the guess: got %v", got)
	}
	for range 10 * rememberedSamples {
		w.learn(usage{0.2, 4000e6}, request, zero)
	}
	if got := w.expect(request).all(perCore); math.Abs(got.cores-0.2) > 0.01 || math.Abs(got.bytes-4000e6) > 20e6 {
		t.Errorf("what changed long ago is forgotten: got %v", got)
	}
	var none *workload
	if got := none.expect(request).all(perCore); got != (usage{1, 2000e6}) {
		t.Errorf("no workload: got %v", got)
	}
}

func TestWorkloadsThatAreGoneAreForgotten(t *testing.T) {
	var w workloads
	for i := range 5000 {
		w.of(owned("StatefulSet", fmt.Sprint(i), nil), zero.Add(time.Duration(i)*time.Hour))
	}
	if kept := len(w.known); kept > 1100 {
		t.Errorf("%d are kept, one came each hour", kept)
	}
	last := w.of(owned("StatefulSet", "4999", nil), zero)
	if last != w.of(owned("StatefulSet", "4999", nil), zero) {
		t.Error("the same workload is known twice")
	}
}

func node(name string, cores int64) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
		corev1.ResourceCPU: *resource.NewQuantity(cores, resource.DecimalSI), corev1.ResourceMemory: resource.MustParse("16Gi"),
	}}}
}

func TestPodsTeachTheirWorkloadInWork(t *testing.T) {
	l := testLedger(time.Hour)
	l.sized(node("slow", 4), zero)
	l.sized(node("fast", 4), zero)
	w := l.workloads.of(owned("StatefulSet", "db", nil), zero)
	sample := func(node string, speed float64, second int, pods ...load.PodUsage) {
		l.sampled(node, &load.Profile{Speed: speed, Time: at(second), Window: window, Pods: pods}, at(second))
	}
	sample("slow", 1, 0)
	sample("fast", 4, 0)
	l.begin("slow", "pod", claim{usage{1, 0}, w}, at(10), at(10))
	// It was not there for all of the window, and of the other pod nobody has heard.
	sample("slow", 1, 30, load.PodUsage{Pod: "pod", Cores: 1}, load.PodUsage{Pod: "stranger", Cores: 4})
	if w.samples != 0 {
		t.Fatalf("learned of %v samples", w.samples)
	}
	for second := 60; second < 1800; second += 30 {
		sample("slow", 1, second, load.PodUsage{Pod: "pod", Cores: 2})
		// The same sample again teaches nothing.
		sample("slow", 1, second, load.PodUsage{Pod: "pod", Cores: 4})
	}
	if math.Abs(w.mean.cores-2) > 1e-9 {
		t.Errorf("mean: got %v, want 2", w.mean.cores)
	}
	// Two cores of the slow node are half a core of the fast one, whatever the pod requests.
	l.begin("fast", "next", claim{usage{1, 0}, w}, at(1800), at(1800))
	if got := l.accounts.Get("fast").now.Load().missed.all(l.habit.perCore(l.speeds.mean())).cores / 4; math.Abs(got-0.5) > 0.02 {
		t.Errorf("expected of the next pod: got %v cores of the fast node, want 0.5", got)
	}
}

func TestANodeOfUnknownSpeedHasTheMean(t *testing.T) {
	var s speeds
	check := func(want float64) {
		t.Helper()
		if got := s.mean(); got != want {
			t.Errorf("mean: got %v, want %v", got, want)
		}
	}
	check(1)
	s.change(0, 2)
	s.change(0, 6)
	check(4)
	s.change(0, 1)
	check(3)
	// One that is far off counts in part.
	s.change(6, 1000)
	check((1 + 2 + 8) / 3.0)
	s.change(1000, 0)
	s.change(1, 0)
	check(2)
	s.change(2, 0)
	check(1)
}

func TestWithoutSamplesAFastNodeIsLessBusyByTheSameRequests(t *testing.T) {
	p, store, _ := newPlugin(t, "")
	for i, speed := range []float64{1, 4} {
		name := fmt.Sprint("n", i)
		p.NodeHandler().OnAdd(node(name, 4), true)
		store.Put(name, &load.Profile{Speed: speed})
		for pod := range 4 {
			p.ledger.begin(name, types.UID(fmt.Sprint(name, pod)), claim{request: usage{1, 0}}, zero, zero)
		}
	}
	info := framework.NewNodeInfo()
	for i, want := range []float64{4 * 2.5 / 4, 4 * 2.5 / 16} {
		info.SetNode(node(fmt.Sprint("n", i), 4))
		a, _ := p.attempt(&corev1.Pod{})
		a.request, a.expects = usage{}, expectation{}
		if e := p.estimate(info, a); e.busy[load.CPU].value != want {
			t.Errorf("node %d: got %v, want %v", i, e.busy[load.CPU].value, want)
		}
	}
}
