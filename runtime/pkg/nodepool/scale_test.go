package nodepool

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// newPoolWithNodes returns a pool and nodes that register into it, none of which matches the pool yet.
func newPoolWithNodes(count int) (*v1alpha1.FleetNodePool, []corev1.Node, *roster) {
	pool := newRegistrationPool("guarded", iotTaint())
	for i := range 10 {
		pool.Spec.Labels[fmt.Sprintf("example.com/label-%d", i)] = "value"
	}
	pool.Status.ManagedKeys = specKeys(&pool.Spec)
	nodes := make([]corev1.Node, count)
	for i := range nodes {
		nodes[i] = *newNode(fmt.Sprintf("t-%04d", i), map[string]string{labels.NodePool: "guarded", "kubernetes.io/os": "linux"})
	}
	return pool, nodes, newRoster([]v1alpha1.FleetNodePool{*pool})
}

// BenchmarkPoolChange measures what the controllers compute when a pool of 2,000 nodes changes: a patch for each node, and
// the pool's status once a second while the nodes are patched.
func BenchmarkPoolChange(b *testing.B) {
	pool, nodes, roster := newPoolWithNodes(2000)
	b.Run("status", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			setStatus(pool, nodes, roster)
		}
	})
	b.Run("patches", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range nodes {
				if _, err := mergePatch(&nodes[i], nodeStateOf(&nodes[i]).withPool(pool)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// The cost of the status must not depend on the size of the nodes.
func TestStatusDoesNotCopyNodes(t *testing.T) {
	pool, nodes, roster := newPoolWithNodes(100)
	allocations := func() float64 {
		return testing.AllocsPerRun(5, func() { setStatus(pool, nodes, roster) })
	}
	small := allocations()
	for i := range nodes {
		nodes[i].Status.Images = make([]corev1.ContainerImage, 50)
		for j := range nodes[i].Status.Images {
			nodes[i].Status.Images[j].Names = []string{"a", "b"}
		}
	}
	if large := allocations(); large > small*1.01 {
		t.Errorf("got %.0f allocations with images, want at most 1%% more than %.0f without", large, small)
	}
}
