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

func TestControllerKeySurvivesRollouts(t *testing.T) {
	hash := map[string]string{"pod-template-hash": "7866fc6bf7"}
	for want, pod := range map[string]*corev1.Pod{
		"ns/ReplicaSet/web":           owned("ReplicaSet", "web-7866fc6bf7", hash),
		"ns/ReplicaSet/web-7866fc6bf": owned("ReplicaSet", "web-7866fc6bf", hash),
		"ns/StatefulSet/db-0":         owned("StatefulSet", "db-0", nil),
		"ns/Job/backup":               owned("Job", "backup-29384756", nil),
		"ns/Job/backup-2nd":           owned("Job", "backup-2nd", nil),
		"":                            {},
	} {
		if got := controllerKey(pod); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEstimatesPodsByTheMeanOfTheirWorkload(t *testing.T) {
	var w workload
	request, perCore := resources{0.5, 2000e6}, 2.0
	if got := w.estimateUsage(request); got != (usageEstimate{requested: request}) {
		t.Errorf("without samples: got %v", got)
	}
	w.learn(resources{4, 0}, request, zero)
	if got := w.estimateUsage(request).total(perCore); got != (resources{2.5, 1000e6}) {
		t.Errorf("with one sample, which weighs as much as the request: got %v", got)
	}
	for range 10 * maxSamples {
		w.learn(resources{0.2, 4000e6}, request, zero)
	}
	if got := w.estimateUsage(request).total(perCore); math.Abs(got.cores-0.2) > 0.01 || math.Abs(got.bytes-4000e6) > 20e6 {
		t.Errorf("after many samples: got %v", got)
	}
	var none *workload
	if got := none.estimateUsage(request).total(perCore); got != (resources{1, 2000e6}) {
		t.Errorf("without a workload: got %v", got)
	}
}

func TestRemovesExpiredWorkloads(t *testing.T) {
	var w workloads
	for i := range 5000 {
		w.get(owned("StatefulSet", fmt.Sprint(i), nil), zero.Add(time.Duration(i)*time.Hour))
	}
	if kept := len(w.byController); kept > 1100 {
		t.Errorf("%d workloads are kept, one was added per hour", kept)
	}
	last := w.get(owned("StatefulSet", "4999", nil), zero)
	if last != w.get(owned("StatefulSet", "4999", nil), zero) {
		t.Error("the same workload exists twice")
	}
}

func node(name string, cores int64) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
		corev1.ResourceCPU: *resource.NewQuantity(cores, resource.DecimalSI), corev1.ResourceMemory: resource.MustParse("16Gi"),
	}}}
}

func TestWorkloadsLearnNormalizedCores(t *testing.T) {
	tr := newTracker(time.Hour)
	tr.setNode(node("slow", 4), zero)
	tr.setNode(node("fast", 4), zero)
	w := tr.workloads.get(owned("StatefulSet", "db", nil), zero)
	sample := func(node string, speed float64, second int, pods ...load.PodUsage) {
		tr.setProfile(node, &load.Profile{Speed: speed, Time: at(second), Window: window, Pods: pods}, at(second))
	}
	sample("slow", 1, 0)
	sample("fast", 4, 0)
	tr.assign("slow", "pod", podDemand{resources{1, 0}, w}, at(10), at(10))
	// The pod did not run for the whole window, and the tracker does not know the other pod.
	sample("slow", 1, 30, load.PodUsage{Pod: "pod", Cores: 1}, load.PodUsage{Pod: "stranger", Cores: 4})
	if w.samples != 0 {
		t.Fatalf("learned from %v samples", w.samples)
	}
	for second := 60; second < 1800; second += 30 {
		sample("slow", 1, second, load.PodUsage{Pod: "pod", Cores: 2})
		// The workload learns from each sample once.
		sample("slow", 1, second, load.PodUsage{Pod: "pod", Cores: 4})
	}
	if math.Abs(w.mean.cores-2) > 1e-9 {
		t.Errorf("mean: got %v, want 2", w.mean.cores)
	}
	// Two cores of the slow node amount to half a core of the fast one, regardless of the request.
	tr.assign("fast", "next", podDemand{resources{1, 0}, w}, at(1800), at(1800))
	if got := tr.nodes.Get("fast").snapshot.Load().correction.total(tr.usageRatio.perRequestedCore(tr.coreSpeeds.mean())).cores / 4; math.Abs(got-0.5) > 0.02 {
		t.Errorf("next pod: got %v cores of the fast node, want 0.5", got)
	}
}

func TestMeanCoreSpeedBoundsOutliers(t *testing.T) {
	var s coreSpeeds
	check := func(want float64) {
		t.Helper()
		if got := s.mean(); got != want {
			t.Errorf("mean: got %v, want %v", got, want)
		}
	}
	check(1)
	s.replace(0, 2)
	s.replace(0, 6)
	check(4)
	s.replace(0, 1)
	check(3)
	// An outlier counts with a bounded speed.
	s.replace(6, 1000)
	check((1 + 2 + 8) / 3.0)
	s.replace(1000, 0)
	s.replace(1, 0)
	check(2)
	s.replace(2, 0)
	check(1)
}

func TestWithoutSamplesFasterNodesHaveALowerUtilization(t *testing.T) {
	p, store, _ := newPlugin(t, "")
	for i, speed := range []float64{1, 4} {
		name := fmt.Sprint("n", i)
		p.NodeHandler().OnAdd(node(name, 4), true)
		store.Put(name, &load.Profile{Speed: speed})
		for pod := range 4 {
			p.tracker.assign(name, types.UID(fmt.Sprint(name, pod)), podDemand{request: resources{1, 0}}, zero, zero)
		}
	}
	info := framework.NewNodeInfo()
	for i, want := range []float64{4 * 2.5 / 4, 4 * 2.5 / 16} {
		info.SetNode(node(fmt.Sprint("n", i), 4))
		a, _ := p.newAttempt(&corev1.Pod{})
		a.request, a.podEstimate = resources{}, usageEstimate{}
		if e := p.estimateNode(info, a); e.utilization[load.CPU].value != want {
			t.Errorf("node %d: got %v, want %v", i, e.utilization[load.CPU].value, want)
		}
	}
}
