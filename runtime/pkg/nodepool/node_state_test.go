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

// applyPool records the pool's keys and returns the state of a node in the pool.
func applyPool(t *testing.T, s nodeState, pool *v1alpha1.FleetNodePool) nodeState {
	t.Helper()
	pool.Status.ManagedKeys = withSpecKeys(pool.Status.ManagedKeys, &pool.Spec)
	next := s.withPool(pool)
	if !next.withPool(pool).equal(next) {
		t.Error("applying the pool again changes the state")
	}
	return next
}

func TestWithPoolReplacesManagedLabelsOnly(t *testing.T) {
	pool := newPool("tokyo-gw", map[string]v1alpha1.LabelValue{labels.EdgeRegion: "tokyo", "example.com/rack": "7"})
	registered := nodeState{labels: map[string]string{
		labels.EdgeRegion: "osaka", labels.DiskType: "ssd", labels.TopologyZone: "a", "example.org/owner": "team", "kubernetes.io/hostname": "n",
	}}
	before := maps.Clone(registered.labels)
	got := applyPool(t, registered, pool)
	want := map[string]string{
		labels.EdgeRegion: "tokyo", "example.com/rack": "7", labels.TopologyZone: "a", "example.org/owner": "team", "kubernetes.io/hostname": "n",
		labels.ProtectedPool: "tokyo-gw",
	}
	if !maps.Equal(got.labels, want) {
		t.Errorf("got labels %v, want %v", got.labels, want)
	}
	if !maps.Equal(registered.labels, before) {
		t.Error("the cached node was modified")
	}
	delete(pool.Spec.Labels, "example.com/rack")
	if _, ok := applyPool(t, got, pool).labels["example.com/rack"]; ok {
		t.Error("the label is kept after it left the pool's spec")
	}
}

func TestWithPoolKeepsForeignTaintsInOrder(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	keys := []string{"a", "b", "c", "d", "node.kubernetes.io/not-ready"}
	effects := []corev1.TaintEffect{corev1.TaintEffectNoSchedule, corev1.TaintEffectNoExecute}
	for range 2000 {
		var node nodeState
		var first, second []v1alpha1.Taint
		for _, key := range keys {
			for _, effect := range effects {
				switch random.Intn(4) {
				case 0:
					node.taints = append(node.taints, corev1.Taint{Key: key, Value: "foreign", Effect: effect})
				case 1:
					first = append(first, v1alpha1.Taint{Key: key, Value: "1", Effect: effect})
				case 2:
					second = append(second, v1alpha1.Taint{Key: key, Value: "2", Effect: effect})
				}
			}
		}
		pool := newPool("p", nil, first...)
		got := applyPool(t, node, pool)
		pool.Spec.Taints = second
		got = applyPool(t, got, pool)
		rest := slices.DeleteFunc(slices.Clone(got.taints), func(taint corev1.Taint) bool { return taint.Value == "2" })
		if !(nodeState{taints: rest}).equal(nodeState{taints: node.taints}) {
			t.Fatalf("foreign taints changed from %v to %v", node.taints, rest)
		}
		if len(got.taints) != len(node.taints)+len(second) {
			t.Fatalf("got %d taints, want %d", len(got.taints), len(node.taints)+len(second))
		}
		if left := got.withoutPool(pool); !(nodeState{taints: left.taints}).equal(nodeState{taints: node.taints}) {
			t.Fatalf("foreign taints changed from %v to %v when the node left the pool", node.taints, left.taints)
		}
	}
}
