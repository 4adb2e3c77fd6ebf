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

// Cached is how the controllers' objects are cached: nodes without what the controllers do not read, and nothing copied on
// reading. No function of this package changes an object that it read.
func Cached() map[client.Object]cache.ByObject {
	return map[client.Object]cache.ByObject{
		&corev1.Node{}:       {Transform: withoutUnread, UnsafeDisableDeepCopy: ptr.To(true)},
		&v1alpha1.FleetNodePool{}: {Transform: cache.TransformStripManagedFields(), UnsafeDisableDeepCopy: ptr.To(true)},
	}
}

// Synced starts to cache what the controllers read, in a standby too, and makes a check that fails until all of it is there:
// until then the program could not take over.
func Synced(ctx context.Context, objects cache.Cache) (healthz.Checker, error) {
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

// withoutUnread keeps what the controllers read of a node. Images, conditions and managed fields are most of a node's bytes.
func withoutUnread(object any) (any, error) {
	node, is := object.(*corev1.Node)
	if !is {
		return object, nil
	}
	slim := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: node.Name, UID: node.UID, ResourceVersion: node.ResourceVersion, DeletionTimestamp: node.DeletionTimestamp,
			Labels: node.Labels,
		},
		Spec: corev1.NodeSpec{Taints: node.Spec.Taints},
	}
	if capacity, has := node.Annotations[Capacity]; has {
		slim.Annotations = map[string]string{Capacity: capacity}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			slim.Status.Conditions = []corev1.NodeCondition{{Type: condition.Type, Status: condition.Status}}
		}
	}
	return slim, nil
}

func ready(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
