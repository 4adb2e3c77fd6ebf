package nodepool

import (
	"maps"
	"math/rand"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// recordedIn is a state in a pool whose record is up to date.
func recordedIn(t *testing.T, s state, pool *v1alpha1.FleetNodePool) state {
	t.Helper()
	pool.Status.Applied = extended(pool.Status.Applied, &pool.Spec)
	next := s.in(pool)
	if !next.in(pool).equal(next) {
		t.Error("a second time changes something")
	}
	return next
}

func TestLabels(t *testing.T) {
	pool := stating("tokyo-gw", map[string]v1alpha1.LabelValue{labels.EdgeRegion: "tokyo", "example.com/rack": "7"})
	registered := state{labels: map[string]string{
		labels.EdgeRegion: "osaka", labels.DiskType: "ssd", labels.TopologyZone: "a", "theirs": "stays", "kubernetes.io/hostname": "n",
	}}
	before := maps.Clone(registered.labels)
	got := recordedIn(t, registered, pool)
	want := map[string]string{
		labels.EdgeRegion: "tokyo", "example.com/rack": "7", labels.TopologyZone: "a", "theirs": "stays", "kubernetes.io/hostname": "n",
		labels.ProtectedPool: "tokyo-gw",
	}
	if !maps.Equal(got.labels, want) {
		t.Errorf("got %v: a claimed key of ours goes, others' stay", got.labels)
	}
	if !maps.Equal(registered.labels, before) {
		t.Error("the node of the cache was changed")
	}
	delete(pool.Spec.Labels, "example.com/rack")
	if _, still := recordedIn(t, got, pool).labels["example.com/rack"]; still {
		t.Error("a label that is no longer stated stays")
	}
}

func TestTaintsOfOthersStayInOrder(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	keys := []string{"a", "b", "c", "d", "node.kubernetes.io/not-ready"}
	effects := []corev1.TaintEffect{corev1.TaintEffectNoSchedule, corev1.TaintEffectNoExecute}
	for range 2000 {
		var node state
		var first, second []v1alpha1.Taint
		for _, key := range keys {
			for _, effect := range effects {
				switch random.Intn(4) {
				case 0:
					node.taints = append(node.taints, corev1.Taint{Key: key, Value: "theirs", Effect: effect})
				case 1:
					first = append(first, v1alpha1.Taint{Key: key, Value: "1", Effect: effect})
				case 2:
					second = append(second, v1alpha1.Taint{Key: key, Value: "2", Effect: effect})
				}
			}
		}
		pool := stating("p", nil, first...)
		got := recordedIn(t, node, pool)
		pool.Spec.Taints = second
		got = recordedIn(t, got, pool)
		rest := slices.DeleteFunc(slices.Clone(got.taints), func(taint corev1.Taint) bool { return taint.Value == "2" })
		if !(state{taints: rest}).equal(state{taints: node.taints}) {
			t.Fatalf("theirs were %v and are %v", node.taints, rest)
		}
		if len(got.taints) != len(node.taints)+len(second) {
			t.Fatalf("%d taints, want %d", len(got.taints), len(node.taints)+len(second))
		}
		if left := got.after(pool); !(state{taints: left.taints}).equal(state{taints: node.taints}) {
			t.Fatalf("theirs were %v and are %v after the node left", node.taints, left.taints)
		}
	}
}
