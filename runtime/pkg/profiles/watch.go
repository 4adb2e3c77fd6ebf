package profiles

import (
	"context"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// Watch follows the NodeProfiles of a cluster until the context ends. It returns at once: until they are there, or
// while the API does not know the kind, the board knows nothing of them.
func (b *Board) Watch(ctx context.Context, config *rest.Config) error {
	client, err := v1alpha1.ClientFor(config)
	if err != nil {
		return err
	}
	list := cache.NewListWatchFromClient(client, v1alpha1.NodeProfiles, "", fields.Everything())
	informer := cache.NewSharedIndexInformer(list, &v1alpha1.NodeProfile{}, 0, cache.Indexers{})
	if _, err := informer.AddEventHandler(b.Handler()); err != nil {
		return err
	}
	go informer.RunWithContext(ctx)
	return nil
}

// Handler takes NodeProfile objects.
func (b *Board) Handler() cache.ResourceEventHandler {
	put := func(object any) {
		if profile, ok := object.(*v1alpha1.NodeProfile); ok {
			b.put(b.objects, profile.Name, load.FromObject(profile, b.clock.Now()))
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    put,
		UpdateFunc: func(_, object any) { put(object) },
		DeleteFunc: func(object any) {
			if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				b.put(b.objects, tombstone.Key, nil)
			} else if profile, ok := object.(*v1alpha1.NodeProfile); ok {
				b.put(b.objects, profile.Name, nil)
			}
		},
	}
}
