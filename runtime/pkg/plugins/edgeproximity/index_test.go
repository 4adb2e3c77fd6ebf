package edgeproximity

import (
	"fmt"
	"runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// The scheduler's snapshot is updated by an event handler of the same informer.
func TestIndexIsUpdatedBeforeEventHandlersRun(t *testing.T) {
	client := fake.NewSimpleClientset(edge("a", "tokyo").Node())
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().Nodes().Informer()
	index, err := NewIndex(informer)
	if err != nil {
		t.Fatal(err)
	}
	// A second profile adds the same index.
	if _, err := NewIndex(informer); err != nil {
		t.Fatal(err)
	}
	events := make(chan string, 10)
	check := func(object any) {
		n := object.(*corev1.Node)
		if !index.EdgeNodes(edgeRegion(n)).Has(n.Name) || !index.NodesAt(locationOf(n)).Has(n.Name) || index.EdgeRegionOf(n.Name) != edgeRegion(n) {
			t.Errorf("node %s in %s is not in the index", n.Name, edgeRegion(n))
		}
		events <- n.Name
	}
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: check, UpdateFunc: func(_, object any) { check(object) }, DeleteFunc: func(any) { events <- "deletion" },
	})
	if err != nil {
		t.Fatal(err)
	}
	factory.StartWithContext(t.Context())
	<-events
	nodes := client.CoreV1().Nodes()
	if _, err := nodes.Create(t.Context(), edge("b", "osaka").Node(), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	<-events
	if _, err := nodes.Update(t.Context(), edge("a", "osaka").Node(), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	<-events
	if got := index.EdgeNodes("osaka"); got.Len() != 2 || index.EdgeNodes("tokyo").Len() != 0 || len(index.Locations()) != 1 {
		t.Errorf("got %v in osaka, locations %v", got, index.Locations())
	}
	if err := nodes.Delete(t.Context(), "b", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	<-events
	if got := index.EdgeNodes("osaka"); got.Len() != 1 || index.EdgeRegionOf("b") != "" {
		t.Errorf("got %v", got)
	}
}

func oneRegion(count int) []fwk.NodeInfo {
	nodes := make([]fwk.NodeInfo, count)
	for i := range nodes {
		nodes[i] = edge(fmt.Sprintf("n-%05d", i), "tokyo")
	}
	return nodes
}

func TestCostOfRegionsWithoutNodesIsConstant(t *testing.T) {
	for _, metadata := range [][]string{{"required-region=tokio"}, {"required-region=tokio", "fallback-regions=oosaka"}, {"near-region=tokio", "max-rtt-ms=10"}} {
		cost := func(count int) float64 {
			nodes, missing := oneRegion(count), pod(metadata...)
			p := plugin(t, nodes...)
			return testing.AllocsPerRun(20, func() {
				if _, status := p.PreFilter(t.Context(), framework.NewCycleState(), missing, nodes); status.Code() != fwk.UnschedulableAndUnresolvable {
					t.Error(status)
				}
			})
		}
		if few, many := cost(10), cost(5000); many > few {
			t.Errorf("%v: %v allocations for 10 nodes, %v for 5,000", metadata, few, many)
		}
	}
}

// allocatedBytes returns the bytes that a function allocates.
func allocatedBytes(work func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

func TestIndexGrowsLinearly(t *testing.T) {
	filling := func(count int) float64 {
		nodes := oneRegion(count)
		return allocatedBytes(func() { indexOf(nodes) })
	}
	reading := func(count int) float64 {
		nodes := oneRegion(count)
		p := plugin(t, nodes...)
		return allocatedBytes(func() {
			if _, status := p.PreFilter(t.Context(), framework.NewCycleState(), pod("required-region=tokyo"), nodes); !status.IsSuccess() {
				t.Error(status)
			}
		})
	}
	for name, work := range map[string]func(int) float64{"filling": filling, "reading": reading} {
		// Maps double, so ten times as many nodes take up to about twenty times the bytes.
		if few, many := work(1000), work(10_000); many > 25*few {
			t.Errorf("%s: %.0f bytes for 1,000 nodes, %.0f for 10,000", name, few, many)
		}
	}
}
