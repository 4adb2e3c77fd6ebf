package edgeproximity

import (
	"maps"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// edgeRegion is what a demand is held against. Only edge workers have one.
func edgeRegion(node *corev1.Node) string { return node.Labels[labels.EdgeRegion] }

// place is where a node stands, for round trips: its edge region or, in a cloud, the region that upstream's label names.
func place(node *corev1.Node) string {
	if region := edgeRegion(node); region != "" {
		return region
	}
	return node.Labels[labels.TopologyRegion]
}

// spot is where one node stands.
type spot struct{ edge, place string }

// Index knows the nodes of each region. It is told of nodes by its Handler; reading takes no lock.
type Index struct {
	// Synced tells whether the index was told of all nodes that there were at the start.
	Synced func() bool

	mutex  sync.Mutex
	spots  map[string]spot
	edges  atomic.Pointer[map[string]sets.Set[string]]
	places atomic.Pointer[map[string]sets.Set[string]]
}

// NewIndex makes an empty one.
func NewIndex() *Index {
	i := &Index{spots: map[string]spot{}, Synced: func() bool { return true }}
	i.edges.Store(&map[string]sets.Set[string]{})
	i.places.Store(&map[string]sets.Set[string]{})
	return i
}

// indexOf nodes as they are now.
func indexOf(nodes []fwk.NodeInfo) *Index {
	i := NewIndex()
	for _, info := range nodes {
		i.put(info.Node())
	}
	return i
}

// Edge is the edge nodes of a region, Place all nodes that stand there. Nobody may change them.
func (i *Index) Edge(region string) sets.Set[string] { return (*i.edges.Load())[region] }

// Places is all nodes by where they stand. Nobody may change them.
func (i *Index) Places() map[string]sets.Set[string] { return *i.places.Load() }

// Handler tells the index of nodes.
func (i *Index) Handler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { i.put(object) },
		UpdateFunc: func(_, object any) { i.put(object) },
		DeleteFunc: func(object any) {
			if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				i.move(tombstone.Key, spot{})
			} else if node, ok := object.(*corev1.Node); ok {
				i.move(node.Name, spot{})
			}
		},
	}
}

func (i *Index) put(object any) {
	if node, ok := object.(*corev1.Node); ok {
		i.move(node.Name, spot{edgeRegion(node), place(node)})
	}
}

// move a node; the zero spot removes it. Sets are replaced rather than changed, for others read them.
func (i *Index) move(node string, to spot) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	from := i.spots[node]
	if from == to {
		return
	}
	if (to == spot{}) {
		delete(i.spots, node)
	} else {
		i.spots[node] = to
	}
	replace(&i.edges, node, from.edge, to.edge)
	replace(&i.places, node, from.place, to.place)
}

func replace(regions *atomic.Pointer[map[string]sets.Set[string]], node, from, to string) {
	if from == to {
		return
	}
	changed := maps.Clone(*regions.Load())
	if from != "" {
		rest := changed[from].Clone().Delete(node)
		if changed[from] = rest; rest.Len() == 0 {
			delete(changed, from)
		}
	}
	if to != "" {
		more := changed[to].Clone()
		if more == nil {
			more = sets.New[string]()
		}
		changed[to] = more.Insert(node)
	}
	regions.Store(&changed)
}
