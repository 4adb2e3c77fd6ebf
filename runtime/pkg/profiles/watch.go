package profiles

import (
	"context"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// Watch watches the NodeProfile objects of a cluster until the context ends. It returns immediately. Until the objects are
// listed, and while the API server does not serve the kind, the Source has no profiles from objects.
func (s *Source) Watch(ctx context.Context, config *rest.Config) error {
	client, err := v1alpha1.ClientFor(config)
	if err != nil {
		return err
	}
	list := cache.NewListWatchFromClient(client, v1alpha1.NodeProfiles, "", fields.Everything())
	informer := cache.NewSharedIndexInformer(list, &v1alpha1.NodeProfile{}, 0, cache.Indexers{})
	if _, err := informer.AddEventHandler(s.Handler()); err != nil {
		return err
	}
	go informer.RunWithContext(ctx)
	return nil
}

// Handler returns the informer event handler that stores NodeProfile objects.
func (s *Source) Handler() cache.ResourceEventHandler {
	put := func(object any) {
		if profile, ok := object.(*v1alpha1.NodeProfile); ok {
			s.set(s.fromObjects, profile.Name, load.FromObject(profile, s.clock.Now()))
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    put,
		UpdateFunc: func(_, object any) { put(object) },
		DeleteFunc: func(object any) {
			if tombstone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				s.set(s.fromObjects, tombstone.Key, nil)
			} else if profile, ok := object.(*v1alpha1.NodeProfile); ok {
				s.set(s.fromObjects, profile.Name, nil)
			}
		},
	}
}
