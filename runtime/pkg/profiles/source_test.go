package profiles

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// subscribe returns a function that returns the latest profile of the node n.
func subscribe(s *Source) func() *load.Profile {
	var latest *load.Profile
	s.Subscribe(func(node string, profile *load.Profile) {
		if node == "n" {
			latest = profile
		}
	})
	return func() *load.Profile { return latest }
}

func object(age time.Duration, network float64) *v1alpha1.NodeProfile {
	cores := 4.0
	return &v1alpha1.NodeProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "n"},
		Spec:       v1alpha1.NodeProfileSpec{Capability: v1alpha1.Capability{CPU: &cores}},
		Status: v1alpha1.NodeProfileStatus{Samples: []v1alpha1.Sample{{
			Time: metav1.NewMicroTime(now.Add(-age)), WindowSeconds: 30, Usage: v1alpha1.Usage{NetworkPercent: &network},
		}}},
	}
}

func metrics(t testing.TB, age time.Duration) *metricsv1beta1.NodeMetricsList {
	return decoded[metricsv1beta1.NodeMetricsList](t, fmt.Appendf(nil, `{"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","items":[
		{"metadata":{"name":"n"},"timestamp":%q,"window":"20s","usage":{"cpu":"1","memory":"2Gi"}},
		{"metadata":{"name":"unknown"},"timestamp":%q,"window":"20s","usage":{"cpu":"1"}}]}`,
		now.Add(-age).Format(time.RFC3339), now.Add(-age).Format(time.RFC3339)))
}

// podMetrics contains a pod with two containers, and a pod that is not in the informer's cache.
const podMetrics = `{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","items":[
	{"metadata":{"namespace":"default","name":"p"},"window":"20s","containers":[{"name":"a","usage":{"cpu":"250m","memory":"1Mi"}},{"name":"b","usage":{"cpu":"1500m","memory":"2Mi"}}]},
	{"metadata":{"namespace":"default","name":"unknown"},"window":"20s","containers":[{"name":"a","usage":{"cpu":"1","memory":"1Mi"}}]}]}`

func decoded[T any](t testing.TB, raw []byte) *T {
	t.Helper()
	list := new(T)
	if err := json.Unmarshal(raw, list); err != nil {
		t.Fatal(err)
	}
	return list
}

// pods lists one pod, on the node n.
func pods(t testing.TB) corelisters.PodLister {
	t.Helper()
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	err := indexer.Add(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "p", UID: "uid-p"}, Spec: corev1.PodSpec{NodeName: "n"}})
	if err != nil {
		t.Fatal(err)
	}
	return corelisters.NewPodLister(indexer)
}

func nodes(t testing.TB) corelisters.NodeLister {
	t.Helper()
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	err := indexer.Add(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Capacity: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return corelisters.NewNodeLister(indexer)
}

func TestMetricsServerReplacesMissingAndOutdatedProfiles(t *testing.T) {
	s := NewSource(clocktesting.NewFakePassiveClock(now))
	latest := subscribe(s)
	s.setMetrics(metrics(t, 0), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	profile := latest()
	if want := []load.PodUsage{{Pod: "uid-p", Cores: 1.75, Bytes: 3 << 20}}; !slices.Equal(profile.Pods, want) {
		t.Errorf("pods: got %+v, want %+v", profile.Pods, want)
	}
	cpu, _ := profile.Usage.Get(load.CPU)
	memory, _ := profile.Usage.Get(load.Memory)
	if _, network := profile.Usage.Get(load.Network); cpu != 0.25 || memory != 0.25 || network || profile.Window != 20*time.Second {
		t.Errorf("metrics-server alone: %+v", profile)
	}
	handler := s.Handler()
	handler.OnAdd(object(time.Minute, 50), true)
	if network, known := latest().Usage.Get(load.Network); !known || network != 0.5 {
		t.Errorf("profile one minute older: %+v", latest())
	}
	if len(latest().Pods) != 1 {
		t.Errorf("profile without pods: %+v", latest())
	}
	setMetrics := func(age time.Duration) {
		s.setMetrics(metrics(t, age), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	}
	setMetrics(10 * time.Minute)
	if len(latest().Pods) != 0 {
		t.Errorf("used much older pod metrics: %+v", latest())
	}
	setMetrics(0)
	handler.OnUpdate(nil, object(10*time.Minute, 50))
	if cores, known := latest().Capability.Get(load.CPU); !latest().Time.Equal(now) || !known || cores != 4 {
		t.Errorf("outdated profile: %+v", latest())
	}
	handler.OnDelete(cache.DeletedFinalStateUnknown{Key: "n"})
	if _, known := latest().Capability.Get(load.CPU); known {
		t.Errorf("deleted profile: %+v", latest())
	}
	s.set(s.fromMetrics, "n", nil)
	if latest() != nil {
		t.Errorf("after both are deleted: %+v", latest())
	}
}

func TestPrefersTheOtherOriginToSamplesFromTheFuture(t *testing.T) {
	network := func(profile *load.Profile) bool { _, known := profile.Usage.Get(load.Network); return known }
	s := NewSource(clocktesting.NewFakePassiveClock(now))
	latest := subscribe(s)
	// The clock of the node is ahead, that of metrics-server is correct.
	s.setMetrics(metrics(t, 15*time.Second), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	for _, ahead := range []time.Duration{time.Hour, time.Minute} {
		s.Handler().OnAdd(object(-ahead, 50), true)
		if network(latest()) || latest().Time.After(now) {
			t.Errorf("used a profile %s ahead: %+v", ahead, latest())
		}
	}
	s.Handler().OnUpdate(nil, object(time.Second, 50))
	if !network(latest()) {
		t.Errorf("profile after its clock was corrected: %+v", latest())
	}
	s.setMetrics(metrics(t, -time.Hour), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	if !network(latest()) || latest().Time.After(now) {
		t.Errorf("used metrics from the future: %+v", latest())
	}
}

func TestRemovesMetricsOfDeletedNodes(t *testing.T) {
	s := NewSource(clocktesting.NewFakePassiveClock(now))
	latest := subscribe(s)
	s.setMetrics(metrics(t, 0), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	s.removeMetricsOfDeletedNodes(nodes(t))
	if latest() == nil {
		t.Error("removed metrics of an existing node")
	}
	s.removeMetricsOfDeletedNodes(corelisters.NewNodeLister(cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})))
	if latest() != nil || len(s.fromMetrics) > 0 {
		t.Errorf("after the node was deleted: %+v", s.fromMetrics)
	}
}

func FuzzSetMetrics(f *testing.F) {
	f.Add([]byte(`{"items":[{"metadata":{"name":"n"},"timestamp":"2026-01-01T00:00:00Z","window":"20s","usage":{"cpu":"1","memory":"2Gi"}}]}`), []byte(podMetrics))
	f.Add([]byte(`{"items":[{"metadata":{"name":"n"},"timestamp":"9999-12-31T00:00:00Z","window":"-1s","usage":{"cpu":"-1","memory":"1e400"}}]}`),
		[]byte(`{"items":[{"metadata":{"namespace":"default","name":"p"},"containers":[{"usage":{"cpu":"-1","memory":"1e400"}}]}]}`))
	f.Fuzz(func(t *testing.T, rawNodes, rawPods []byte) {
		var nodeMetrics metricsv1beta1.NodeMetricsList
		var podMetricsList metricsv1beta1.PodMetricsList
		if json.Unmarshal(rawNodes, &nodeMetrics) != nil || json.Unmarshal(rawPods, &podMetricsList) != nil {
			return
		}
		s := NewSource(clocktesting.NewFakePassiveClock(now))
		latest := subscribe(s)
		if s.setMetrics(&nodeMetrics, &podMetricsList, nodes(t), pods(t)); latest() == nil {
			return
		}
		for _, d := range []load.Dimension{load.CPU, load.Memory} {
			if used, known := latest().Usage.Get(d); known && !(used >= 0) {
				t.Errorf("%s usage: %v", d, used)
			}
		}
		for _, pod := range latest().Pods {
			if !(pod.Cores >= 0) || !(pod.Bytes >= 0) {
				t.Errorf("pod usage: %+v", pod)
			}
		}
		if latest().Window <= 0 {
			t.Errorf("window of %v", latest().Window)
		}
	})
}
