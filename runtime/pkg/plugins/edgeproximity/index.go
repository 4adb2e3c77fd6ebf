package edgeproximity

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// edgeRegion returns the region that required regions are compared with. Only edge workers have one.
func edgeRegion(node *corev1.Node) string { return node.Labels[labels.EdgeRegion] }

func locationOf(node *corev1.Node) string { return labels.Location(node.Labels) }

const (
	byEdgeRegion = "skerry.dev/edge-region"
	byLocation   = "skerry.dev/location"
)

var indexers = cache.Indexers{
	byEdgeRegion: func(object any) ([]string, error) {
		if node, ok := object.(*corev1.Node); ok && edgeRegion(node) != "" {
			return []string{edgeRegion(node)}, nil
		}
		return nil, nil
	},
	byLocation: func(object any) ([]string, error) {
		if node, ok := object.(*corev1.Node); ok {
			return []string{locationOf(node)}, nil
		}
		return nil, nil
	},
}

// Index looks up the nodes of a region. It is an index of the node informer's own store, which the informer updates before it
// calls event handlers. Such a handler updates the scheduler's snapshot, so the index contains every node of the snapshot.
type Index struct{ store cache.Indexer }

// NewIndex adds the index to the informer, unless another scheduler profile has already added it.
func NewIndex(nodes cache.SharedIndexInformer) (*Index, error) {
	if _, added := nodes.GetIndexer().GetIndexers()[byLocation]; !added {
		if err := nodes.AddIndexers(indexers); err != nil {
			return nil, err
		}
	}
	return &Index{nodes.GetIndexer()}, nil
}

// EdgeNodes returns the names of the edge nodes of a region.
func (i *Index) EdgeNodes(region string) sets.Set[string] { return i.lookUp(byEdgeRegion, region) }

// NodesAt returns the names of all nodes at a location.
func (i *Index) NodesAt(location string) sets.Set[string] { return i.lookUp(byLocation, location) }

// Locations returns every location that has a node, in no particular order.
func (i *Index) Locations() []string { return i.store.ListIndexFuncValues(byLocation) }

// EdgeRegionOf returns the edge region of a node. It is empty if the node has none or does not exist.
func (i *Index) EdgeRegionOf(node string) string {
	if object, exists, _ := i.store.GetByKey(node); exists {
		return edgeRegion(object.(*corev1.Node))
	}
	return ""
}

func (i *Index) lookUp(index, value string) sets.Set[string] {
	// ByIndex fails only for unknown indexes.
	objects, _ := i.store.ByIndex(index, value)
	names := make(sets.Set[string], len(objects))
	for _, object := range objects {
		names.Insert(object.(*corev1.Node).Name)
	}
	return names
}
