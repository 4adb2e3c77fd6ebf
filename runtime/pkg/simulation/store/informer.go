package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/tools/cache"
)

// informer is a SharedIndexInformer without a watch: it calls its handlers in the goroutine that changes the store, in
// the order in which they were registered.
type informer struct {
	indexer  cache.Indexer
	handlers []cache.ResourceEventHandler
}

var _ cache.SharedIndexInformer = &informer{}

func newInformer() *informer {
	return &informer{indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{
		cache.NamespaceIndex: cache.MetaNamespaceIndexFunc,
	})}
}

func (i *informer) add(object any) {
	for _, handler := range i.handlers {
		handler.OnAdd(object, false)
	}
}

func (i *informer) update(before, after any) {
	for _, handler := range i.handlers {
		handler.OnUpdate(before, after)
	}
}

func (i *informer) delete(object any) {
	for _, handler := range i.handlers {
		handler.OnDelete(object)
	}
}

// sorted returns the objects ordered by namespace and name.
func (i *informer) sorted() []any {
	keys := i.indexer.ListKeys()
	slices.SortFunc(keys, strings.Compare)
	objects := make([]any, 0, len(keys))
	for _, key := range keys {
		if object, found, _ := i.indexer.GetByKey(key); found {
			objects = append(objects, object)
		}
	}
	return objects
}

// registration of a handler, which has seen every object from the start.
type registration struct{}

func (registration) HasSynced() bool                     { return true }
func (registration) HasSyncedChecker() cache.DoneChecker { return done{} }

type done struct{}

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (done) Name() string          { return "store" }
func (done) Done() <-chan struct{} { return closed }

// AddEventHandler calls the handler for every object of the store and for every later change.
func (i *informer) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	i.handlers = append(i.handlers, handler)
	for _, object := range i.sorted() {
		handler.OnAdd(object, true)
	}
	return registration{}, nil
}

// AddEventHandlerWithResyncPeriod ignores the period: no event is ever missed.
func (i *informer) AddEventHandlerWithResyncPeriod(handler cache.ResourceEventHandler, _ time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	return i.AddEventHandler(handler)
}

// AddEventHandlerWithOptions ignores the options.
func (i *informer) AddEventHandlerWithOptions(handler cache.ResourceEventHandler, _ cache.HandlerOptions) (cache.ResourceEventHandlerRegistration, error) {
	return i.AddEventHandler(handler)
}

// RemoveEventHandler does nothing: a simulation ends with its handlers.
func (i *informer) RemoveEventHandler(cache.ResourceEventHandlerRegistration) error { return nil }

// GetStore returns the objects.
func (i *informer) GetStore() cache.Store { return i.indexer }

// GetIndexer returns the objects.
func (i *informer) GetIndexer() cache.Indexer { return i.indexer }

// AddIndexers adds indexes to the objects.
func (i *informer) AddIndexers(indexers cache.Indexers) error { return i.indexer.AddIndexers(indexers) }

// GetController returns nil: nothing watches.
func (i *informer) GetController() cache.Controller { return nil }

// Run waits for the end.
func (i *informer) Run(stop <-chan struct{}) { <-stop }

// RunWithContext waits for the end.
func (i *informer) RunWithContext(ctx context.Context) { <-ctx.Done() }

// HasSynced is always true.
func (i *informer) HasSynced() bool { return true }

// HasSyncedChecker is done from the start.
func (i *informer) HasSyncedChecker() cache.DoneChecker { return done{} }

// LastSyncResourceVersion is unknown: nothing watches.
func (i *informer) LastSyncResourceVersion() string { return "" }

// SetWatchErrorHandler does nothing.
func (i *informer) SetWatchErrorHandler(cache.WatchErrorHandler) error { return nil }

// SetWatchErrorHandlerWithContext does nothing.
func (i *informer) SetWatchErrorHandlerWithContext(cache.WatchErrorHandlerWithContext) error {
	return nil
}

// SetTransform does nothing: objects are stored as they are.
func (i *informer) SetTransform(cache.TransformFunc) error { return nil }

// IsStopped is never true.
func (i *informer) IsStopped() bool { return false }
