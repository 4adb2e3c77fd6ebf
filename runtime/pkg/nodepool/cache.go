package nodepool

import (
	"context"
	"fmt"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// CacheOptions returns the cache options of the objects that the controllers read. Nodes are trimmed to the fields in use,
// and reads return the cached object itself: no function of this package may modify an object that it read.
func CacheOptions() map[client.Object]cache.ByObject {
	return map[client.Object]cache.ByObject{
		&corev1.Node{}:            {Transform: trimNode, UnsafeDisableDeepCopy: ptr.To(true)},
		&v1alpha1.FleetNodePool{}: {Transform: cache.TransformStripManagedFields(), UnsafeDisableDeepCopy: ptr.To(true)},
	}
}

// NewCacheChecker starts the informers that the controllers need, on standby instances too, and returns a readiness check
// that fails until they have synced. A standby with an empty cache could not take over.
func NewCacheChecker(ctx context.Context, objects cache.Cache) (healthz.Checker, error) {
	informers := map[string]cache.Informer{}
	for kind, object := range map[string]client.Object{"Node": &corev1.Node{}, "FleetNodePool": &v1alpha1.FleetNodePool{}} {
		informer, err := objects.GetInformer(ctx, object)
		if err != nil {
			return nil, err
		}
		informers[kind] = informer
	}
	return func(*http.Request) error {
		for kind, informer := range informers {
			if !informer.HasSynced() {
				return fmt.Errorf("cache of %s objects is not synced", kind)
			}
		}
		return nil
	}, nil
}

// trimNode drops the fields of a node that the controllers do not read. Images, conditions and managed fields take up most
// of a node's memory.
func trimNode(object any) (any, error) {
	node, ok := object.(*corev1.Node)
	if !ok {
		return object, nil
	}
	trimmed := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: node.Name, UID: node.UID, ResourceVersion: node.ResourceVersion, DeletionTimestamp: node.DeletionTimestamp,
			Labels: node.Labels,
		},
		Spec: corev1.NodeSpec{Taints: node.Spec.Taints},
	}
	if capacity, ok := node.Annotations[CapacityAnnotation]; ok {
		trimmed.Annotations = map[string]string{CapacityAnnotation: capacity}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			trimmed.Status.Conditions = []corev1.NodeCondition{{Type: condition.Type, Status: condition.Status}}
		}
	}
	return trimmed, nil
}

// IsReady reports whether a node is ready.
func IsReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
