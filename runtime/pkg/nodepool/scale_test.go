package nodepool

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// pooled is a pool of so many nodes, none of which is as stated yet.
func pooled(count int) (*v1alpha1.FleetNodePool, []corev1.Node, *roster) {
	pool := registering("guarded", iot())
	for i := range 10 {
		pool.Spec.Labels[fmt.Sprintf("example.com/label-%d", i)] = "value"
	}
	pool.Status.Applied = stated(&pool.Spec)
	nodes := make([]corev1.Node, count)
	for i := range nodes {
		nodes[i] = *machine(fmt.Sprintf("t-%04d", i), map[string]string{labels.NodePool: "guarded", "kubernetes.io/os": "linux"})
	}
	return pool, nodes, newRoster([]v1alpha1.FleetNodePool{*pool})
}

// What the controller itself works out for one change of a pool with 2,000 nodes: a patch for each node, and the pool's
// status once a second while they are written.
func BenchmarkAPoolsChange(b *testing.B) {
	pool, nodes, roster := pooled(2000)
	b.Run("count", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			count(pool, nodes, roster)
		}
	})
	b.Run("patches", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range nodes {
				if _, err := patch(&nodes[i], stateOf(&nodes[i]).in(pool)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// A node costs a count what its labels and taints cost, whatever else it has: nothing of it is copied.
func TestCountingCopiesNoNode(t *testing.T) {
	pool, nodes, roster := pooled(100)
	allocations := func() float64 {
		return testing.AllocsPerRun(5, func() { count(pool, nodes, roster) })
	}
	small := allocations()
	for i := range nodes {
		nodes[i].Status.Images = make([]corev1.ContainerImage, 50)
		for j := range nodes[i].Status.Images {
			nodes[i].Status.Images[j].Names = []string{"a", "b"}
		}
	}
	if large := allocations(); large > small*1.01 {
		t.Errorf("%.0f allocations with images, %.0f without", large, small)
	}
}
