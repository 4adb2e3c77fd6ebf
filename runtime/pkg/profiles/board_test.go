package profiles

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

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

func metrics(age time.Duration) []byte {
	return fmt.Appendf(nil, `{"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","items":[
		{"metadata":{"name":"n"},"timestamp":%q,"window":"20s","usage":{"cpu":"1","memory":"2Gi"}},
		{"metadata":{"name":"unknown"},"timestamp":%q,"window":"20s","usage":{"cpu":"1"}}]}`,
		now.Add(-age).Format(time.RFC3339), now.Add(-age).Format(time.RFC3339))
}

func nodes(t *testing.T) corelisters.NodeLister {
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
	b := NewBoard()
	known := follower(b)
	if err := b.takeMetrics(metrics(0), nodes(t)); err != nil {
		t.Fatal(err)
	}
	profile := known()
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
	if err := b.takeMetrics([]byte("<html>"), nodes(t)); err == nil {
		t.Error("nonsense was taken")
	}
}

func FuzzTakeMetrics(f *testing.F) {
	f.Add(metrics(0))
	f.Add([]byte(`{"items":[{"metadata":{"name":"n"},"timestamp":"9999-12-31T00:00:00Z","window":"-1s","usage":{"cpu":"-1","memory":"1e400"}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b := NewBoard()
		known := follower(b)
		if err := b.takeMetrics(raw, nodes(t)); err != nil || known() == nil {
			return
		}
		for _, d := range []load.Dimension{load.CPU, load.Memory} {
			if used, is := known().Usage.Get(d); is && !(used >= 0) {
				t.Errorf("%s in use: %v", d, used)
			}
		}
		if known().Window <= 0 {
			t.Errorf("window of %v", known().Window)
		}
	})
}
