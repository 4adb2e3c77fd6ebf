package nodepool

import (
	"context"
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

func restoring(pool *v1alpha1.FleetNodePool) *v1alpha1.FleetNodePool {
	pool.Spec.ReleasePolicy = v1alpha1.ReleaseRestore
	pool.Spec.Capacity = &v1alpha1.Capacity{CPUCores: 4}
	return pool
}

// existingNode has a label and a taint under keys of the pool "racks", a label of Skerry that the pool does not set, and a
// label and a taint that no pool manages.
func existingNode(name string) *corev1.Node {
	node := newNode(name, map[string]string{"example.com/rack": "1", labels.DiskType: "hdd", "example.org/owner": "team"},
		corev1.Taint{Key: "dedicated", Value: "video", Effect: corev1.TaintEffectNoSchedule},
		corev1.Taint{Key: "node.kubernetes.io/unschedulable", Effect: corev1.TaintEffectNoSchedule})
	node.Annotations = map[string]string{"example.org/note": "kept"}
	return node
}

func racks(nodes ...string) *v1alpha1.FleetNodePool {
	pool := restoring(newNamesPool("racks", nodes...))
	pool.Spec.Labels = map[string]v1alpha1.LabelValue{"example.com/rack": "7", labels.EdgeRegion: "tokyo"}
	pool.Spec.Taints = []v1alpha1.Taint{iotTaint()}
	return pool
}

func expectSameNode(t *testing.T, got, want *corev1.Node) {
	t.Helper()
	if !maps.Equal(got.Labels, want.Labels) || !maps.Equal(got.Annotations, want.Annotations) || !slices.Equal(taintsOf(got), taintsOf(want)) {
		t.Errorf("got labels %v, annotations %v, taints %v; want %v, %v, %v",
			got.Labels, got.Annotations, taintsOf(got), want.Labels, want.Annotations, taintsOf(want))
	}
}

func TestControllerRestoresNodesThatExistedBeforeThePool(t *testing.T) {
	changes := map[string]func(env *environment){
		"pool is deleted": func(env *environment) { env.must(env.client.Delete(context.Background(), env.pool("racks"))) },
		"pool no longer names the node": func(env *environment) {
			env.updateSpec("racks", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Selector.Names = []string{"other"} })
		},
		"node moves to another pool, which is deleted": func(env *environment) {
			other := racks("t-01", "t-02")
			other.Name, other.UID, other.Spec.Labels["example.com/rack"] = "other", "other", "9"
			env.must(env.client.Create(context.Background(), other))
			env.must(env.client.Delete(context.Background(), env.pool("racks")))
			env.settle()
			if node := env.node("t-01"); poolOf(node) != "other" || node.Labels["example.com/rack"] != "9" {
				t.Fatalf("got pool %q, labels %v", poolOf(node), node.Labels)
			}
			env.must(env.client.Delete(context.Background(), env.pool("other")))
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			env := newEnvironment(t, racks("t-01", "t-02"), existingNode("t-01"), existingNode("t-02"))
			env.settle()
			node := env.node("t-01")
			if _, ok := node.Labels[labels.DiskType]; ok || node.Labels["example.com/rack"] != "7" || node.Annotations[CapacityAnnotation] == "" {
				t.Fatalf("pool not applied: got labels %v", node.Labels)
			}
			if originals := env.pool("racks").Status.Originals; len(originals) != 1 || len(originals[0].Nodes) != 2 {
				t.Errorf("nodes with equal originals must share an entry, got %+v", originals)
			}
			change(env)
			env.settle()
			for _, name := range []string{"t-01", "t-02"} {
				expectSameNode(t, env.node(name), existingNode(name))
			}
		})
	}
}

func TestControllerRecordsWhatItReplacesBeforeChangingNodes(t *testing.T) {
	env := newEnvironment(t, racks("t-01"), existingNode("t-01"))
	env.reconcile(env.pools.Reconcile, "racks")
	// The node changes after its labels were recorded.
	env.updateNode("t-01", func(node *corev1.Node) { node.Labels["example.com/rack"] = "2" })
	env.reconcile(env.nodes.Reconcile, "t-01")
	if rack := env.node("t-01").Labels["example.com/rack"]; rack != "2" {
		t.Fatalf("the node changed before its new label was recorded: rack is %q", rack)
	}
	env.settle()
	env.must(env.client.Delete(context.Background(), env.pool("racks")))
	env.settle()
	want := existingNode("t-01")
	want.Labels["example.com/rack"] = "2"
	expectSameNode(t, env.node("t-01"), want)
}

func TestControllerRestoresKeyThatEnteredThePoolLater(t *testing.T) {
	env := newEnvironment(t, racks("t-01"), existingNode("t-01"))
	env.settle()
	env.updateSpec("racks", func(spec *v1alpha1.FleetNodePoolSpec) {
		spec.Labels = map[string]v1alpha1.LabelValue{"example.org/owner": "platform"}
	})
	env.settle()
	if node := env.node("t-01"); node.Labels["example.org/owner"] != "platform" || node.Labels["example.com/rack"] != "1" {
		t.Fatalf("got labels %v", node.Labels)
	}
	env.must(env.client.Delete(context.Background(), env.pool("racks")))
	env.settle()
	expectSameNode(t, env.node("t-01"), existingNode("t-01"))
}

// Pools of machines that register with the pool's labels must not give these back.
func TestControllerRemovesLabelsOfRegisteredMachines(t *testing.T) {
	pool := newRegistrationPool("guarded", iotTaint())
	pool.Spec.Labels[labels.EdgeRegion] = "tokyo"
	env := newEnvironment(t, pool, newNode("t-01", map[string]string{labels.NodePool: "guarded", labels.EdgeRegion: "osaka"}))
	env.settle()
	env.must(env.client.Delete(context.Background(), env.pool("guarded")))
	env.settle()
	if node := env.node("t-01"); node.Labels[labels.EdgeRegion] != "" {
		t.Errorf("got labels %v", node.Labels)
	}
}

func TestOriginalsOfKeysThatLeftThePoolAreDropped(t *testing.T) {
	pool := racks("t-01")
	pool.Status.ManagedKeys = v1alpha1.ManagedKeys{Labels: []string{"example.com/rack"}}
	kept := withoutStaleKeys([]v1alpha1.Originals{
		{Nodes: []string{"t-01"}, Labels: map[string]v1alpha1.LabelValue{"example.com/rack": "1", "example.org/owner": "team"}},
		{Nodes: []string{"t-02"}, Taints: []v1alpha1.OriginalTaint{{Key: "dedicated", Value: "iot", Effect: corev1.TaintEffectNoSchedule}}},
	}, pool)
	if len(kept) != 1 || !maps.Equal(kept[0].Labels, map[string]v1alpha1.LabelValue{"example.com/rack": "1"}) {
		t.Errorf("got %+v", kept)
	}
}

// Whatever a node has and whatever its pools set in between, releasing it returns it to what it was.
func TestReleasedNodesAreAsBefore(t *testing.T) {
	keys := []string{"example.com/rack", "example.org/owner", labels.DiskType, labels.EdgeRegion, labels.TopologyRegion}
	values := rapid.SampledFrom([]string{"", "a", "b"})
	rapid.Check(t, func(rt *rapid.T) {
		before := newNode("t-01", rapid.MapOf(rapid.SampledFrom(keys), values).Draw(rt, "labels"))
		for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"dedicated", "slow"}), rapid.ID).Draw(rt, "taints") {
			before.Spec.Taints = append(before.Spec.Taints, corev1.Taint{Key: key, Value: values.Draw(rt, "value"), Effect: corev1.TaintEffectNoSchedule})
		}
		env := newEnvironment(t, before.DeepCopy())
		env.must(env.client.Create(context.Background(), restoring(newNamesPool("racks", "t-01"))))
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			spec := rapid.MapOf(rapid.SampledFrom(keys), values).Draw(rt, "pool labels")
			tainted := rapid.Bool().Draw(rt, "tainted")
			env.updateSpec("racks", func(pool *v1alpha1.FleetNodePoolSpec) {
				pool.Labels, pool.Taints = map[string]v1alpha1.LabelValue{}, nil
				for key, value := range spec {
					pool.Labels[key] = v1alpha1.LabelValue(value)
				}
				if tainted {
					pool.Taints = []v1alpha1.Taint{iotTaint()}
				}
			})
			env.settle()
		}
		env.must(env.client.Delete(context.Background(), env.pool("racks")))
		env.settle()
		expectSameNode(t, env.node("t-01"), before)
		if t.Failed() {
			rt.FailNow()
		}
	})
}
