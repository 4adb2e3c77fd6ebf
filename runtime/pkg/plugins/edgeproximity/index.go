package edgeproximity

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// edgeRegion is the region that a required region is compared with. Only edge workers have one.
func edgeRegion(node *corev1.Node) string { return node.Labels[labels.EdgeRegion] }

// place is the region that round trips are measured to: the edge region or, for a cloud node, the region of upstream's
// label. It is empty when the node has neither.
func place(node *corev1.Node) string {
	if region := edgeRegion(node); region != "" {
		return region
	}
	return node.Labels[labels.TopologyRegion]
}

const (
	byEdgeRegion = "skerry.dev/edge-region"
	byPlace      = "skerry.dev/place"
)

var indexers = cache.Indexers{
	byEdgeRegion: func(object any) ([]string, error) {
		if node, ok := object.(*corev1.Node); ok && edgeRegion(node) != "" {
			return []string{edgeRegion(node)}, nil
		}
		return nil, nil
	},
	byPlace: func(object any) ([]string, error) {
		if node, ok := object.(*corev1.Node); ok {
			return []string{place(node)}, nil
		}
		return nil, nil
	},
}

// Index finds the nodes of a region. It is an index of the node informer's own store, which changes before any event
// handler is called. The scheduler's snapshot is fed by such a handler, so the index never lacks a node that the
// snapshot has.
type Index struct{ store cache.Indexer }

// NewIndex adds the index to the informer. Several profiles of a scheduler share one informer.
func NewIndex(nodes cache.SharedIndexInformer) (*Index, error) {
	if _, added := nodes.GetIndexer().GetIndexers()[byPlace]; !added {
		if err := nodes.AddIndexers(indexers); err != nil {
			return nil, err
		}
	}
	return &Index{nodes.GetIndexer()}, nil
}

// Edge returns the names of the edge nodes of a region.
func (i *Index) Edge(region string) sets.Set[string] { return i.nodes(byEdgeRegion, region) }

// Place returns the names of all nodes in a place.
func (i *Index) Place(place string) sets.Set[string] { return i.nodes(byPlace, place) }

// Places returns every place that has a node, in no order.
func (i *Index) Places() []string { return i.store.ListIndexFuncValues(byPlace) }

// RegionOf returns the edge region of a node; empty when it has none or does not exist.
func (i *Index) RegionOf(node string) string {
	if object, exists, _ := i.store.GetByKey(node); exists {
		return edgeRegion(object.(*corev1.Node))
	}
	return ""
}

func (i *Index) nodes(index, value string) sets.Set[string] {
	// It fails for an unknown index only.
	objects, _ := i.store.ByIndex(index, value)
	names := make(sets.Set[string], len(objects))
	for _, object := range objects {
		names.Insert(object.(*corev1.Node).Name)
	}
	return names
}
