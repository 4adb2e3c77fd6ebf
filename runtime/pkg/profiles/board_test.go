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

// follower keeps what a board says of the node n.
func follower(b *Board) func() *load.Profile {
	var latest *load.Profile
	b.Follow(func(node string, profile *load.Profile) {
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

// podMetrics of a pod with two containers, and of one that nobody knows.
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

// pods is one, on the node n.
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

func TestMetricsServerStandsInWhereProfilesAreMissingOrStopped(t *testing.T) {
	b := NewBoard(clocktesting.NewFakePassiveClock(now))
	known := follower(b)
	b.takeMetrics(metrics(t, 0), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	profile := known()
	if want := []load.PodUsage{{Pod: "uid-p", Cores: 1.75, Bytes: 3 << 20}}; !slices.Equal(profile.Pods, want) {
		t.Errorf("pods: got %+v, want %+v", profile.Pods, want)
	}
	cpu, _ := profile.Usage.Get(load.CPU)
	memory, _ := profile.Usage.Get(load.Memory)
	if _, network := profile.Usage.Get(load.Network); cpu != 0.25 || memory != 0.25 || network || profile.Window != 20*time.Second {
		t.Errorf("metrics-server alone: %+v", profile)
	}
	handler := b.Handler()
	handler.OnAdd(object(time.Minute, 50), true)
	if network, is := known().Usage.Get(load.Network); !is || network != 0.5 {
		t.Errorf("a profile a minute behind: %+v", known())
	}
	if len(known().Pods) != 1 {
		t.Errorf("a profile that does not tell of pods: %+v", known())
	}
	take := func(age time.Duration) {
		b.takeMetrics(metrics(t, age), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	}
	take(10 * time.Minute)
	if len(known().Pods) != 0 {
		t.Errorf("what metrics-server said of pods long before: %+v", known())
	}
	take(0)
	handler.OnUpdate(nil, object(10*time.Minute, 50))
	if cores, is := known().Capability.Get(load.CPU); !known().Time.Equal(now) || !is || cores != 4 {
		t.Errorf("a profile that stopped: %+v", known())
	}
	handler.OnDelete(cache.DeletedFinalStateUnknown{Key: "n"})
	if _, is := known().Capability.Get(load.CPU); is {
		t.Errorf("a profile that is gone: %+v", known())
	}
	b.put(b.metrics, "n", nil)
	if known() != nil {
		t.Errorf("nothing is known: %+v", known())
	}
}

func TestASampleOfTheFutureHidesNoneOfTheOtherOrigin(t *testing.T) {
	network := func(profile *load.Profile) bool { _, is := profile.Usage.Get(load.Network); return is }
	b := NewBoard(clocktesting.NewFakePassiveClock(now))
	known := follower(b)
	// The node's clock was ahead; metrics-server's samples are right.
	b.takeMetrics(metrics(t, 15*time.Second), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	for _, ahead := range []time.Duration{time.Hour, time.Minute} {
		b.Handler().OnAdd(object(-ahead, 50), true)
		if network(known()) || known().Time.After(now) {
			t.Errorf("a profile %s ahead wins: %+v", ahead, known())
		}
	}
	b.Handler().OnUpdate(nil, object(time.Second, 50))
	if !network(known()) {
		t.Errorf("a profile whose clock was corrected: %+v", known())
	}
	b.takeMetrics(metrics(t, -time.Hour), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	if !network(known()) || known().Time.After(now) {
		t.Errorf("metrics of the future win: %+v", known())
	}
}

func TestMetricsOfANodeThatIsGoneAreForgotten(t *testing.T) {
	b := NewBoard(clocktesting.NewFakePassiveClock(now))
	known := follower(b)
	b.takeMetrics(metrics(t, 0), decoded[metricsv1beta1.PodMetricsList](t, []byte(podMetrics)), nodes(t), pods(t))
	b.forgetMetrics(nodes(t))
	if known() == nil {
		t.Error("those of a node that is there are forgotten")
	}
	b.forgetMetrics(corelisters.NewNodeLister(cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})))
	if known() != nil || len(b.metrics) > 0 {
		t.Errorf("kept: %+v", b.metrics)
	}
}

func FuzzTakeMetrics(f *testing.F) {
	f.Add([]byte(`{"items":[{"metadata":{"name":"n"},"timestamp":"2026-01-01T00:00:00Z","window":"20s","usage":{"cpu":"1","memory":"2Gi"}}]}`), []byte(podMetrics))
	f.Add([]byte(`{"items":[{"metadata":{"name":"n"},"timestamp":"9999-12-31T00:00:00Z","window":"-1s","usage":{"cpu":"-1","memory":"1e400"}}]}`),
		[]byte(`{"items":[{"metadata":{"namespace":"default","name":"p"},"containers":[{"usage":{"cpu":"-1","memory":"1e400"}}]}]}`))
	f.Fuzz(func(t *testing.T, rawNodes, rawPods []byte) {
		var ofNodes metricsv1beta1.NodeMetricsList
		var ofPods metricsv1beta1.PodMetricsList
		if json.Unmarshal(rawNodes, &ofNodes) != nil || json.Unmarshal(rawPods, &ofPods) != nil {
			return
		}
		b := NewBoard(clocktesting.NewFakePassiveClock(now))
		known := follower(b)
		if b.takeMetrics(&ofNodes, &ofPods, nodes(t), pods(t)); known() == nil {
			return
		}
		for _, d := range []load.Dimension{load.CPU, load.Memory} {
			if used, is := known().Usage.Get(d); is && !(used >= 0) {
				t.Errorf("%s in use: %v", d, used)
			}
		}
		for _, pod := range known().Pods {
			if !(pod.Cores >= 0) || !(pod.Bytes >= 0) {
				t.Errorf("a pod uses %+v", pod)
			}
		}
		if known().Window <= 0 {
			t.Errorf("window of %v", known().Window)
		}
	})
}
