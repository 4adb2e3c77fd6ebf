// Package store holds a cluster's objects in memory, for the scheduler that is simulated.
//
// It replaces the API server, its watches and the controllers that bind volumes. Every change calls the informers'
// handlers before it returns, so a simulation has no races and the same input gives the same output.
package store

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// kinds that schedulers and their plugins read.
var kinds = []runtime.Object{
	&corev1.Pod{}, &corev1.Node{}, &corev1.Namespace{}, &corev1.Service{}, &corev1.ReplicationController{},
	&corev1.PersistentVolume{}, &corev1.PersistentVolumeClaim{},
	&appsv1.ReplicaSet{}, &appsv1.StatefulSet{}, &policyv1.PodDisruptionBudget{},
	&storagev1.StorageClass{}, &storagev1.CSINode{}, &storagev1.CSIDriver{}, &storagev1.CSIStorageCapacity{}, &storagev1.VolumeAttachment{},
	&resourcev1.ResourceClaim{}, &resourcev1.ResourceSlice{}, &resourcev1.DeviceClass{},
}

// Store holds the objects of one cluster. Only one goroutine may change it at a time.
type Store struct {
	informers map[reflect.Type]*informer
	factory   informers.SharedInformerFactory
	version   int

	mutex   sync.Mutex
	deleted []*corev1.Pod

	// journal is how to take back the changes since Begin; nil outside of a trial.
	journal *[]func()

	// waiting is a pod whose volumes are being bound; call is called when they are.
	waiting *corev1.Pod
	call    func()
}

// New returns an empty store.
func New() *Store {
	s := &Store{informers: map[reflect.Type]*informer{}, factory: informers.NewSharedInformerFactory(nil, 0)}
	for _, kind := range kinds {
		made := newInformer()
		s.informers[reflect.TypeOf(kind)] = made
		s.factory.InformerFor(kind, informerOf(made))
	}
	return s
}

// Factory returns informers of the store. Kinds that no scheduler reads have no objects.
func (s *Store) Factory() informers.SharedInformerFactory { return s.factory }

// Client returns a client with the requests that a scheduler sends. It panics on any other.
func (s *Store) Client() kubernetes.Interface { return client{store: s} }

// Put adds an object or replaces the one of the same kind, namespace and name. The store owns it from then on.
//
// Schedulers see a pod once it has a node: until then it waits in the queue of the simulation, not in theirs.
func (s *Store) Put(object runtime.Object) {
	at := s.informer(object)
	accessor, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	s.version++
	accessor.SetResourceVersion(strconv.Itoa(s.version))
	before, replaces, _ := at.indexer.Get(object)
	if err := at.indexer.Add(object); err != nil {
		panic(err)
	}
	if replaces {
		s.record(func() { s.Put(before.(runtime.Object)) })
	} else {
		s.record(func() { s.Delete(object) })
	}
	if pod, isPod := object.(*corev1.Pod); isPod {
		hadNode := replaces && before.(*corev1.Pod).Spec.NodeName != ""
		if pod.Spec.NodeName == "" {
			if hadNode {
				at.delete(before)
			}
			return
		}
		replaces = hadNode
	}
	if replaces {
		at.update(before, object)
	} else {
		at.add(object)
	}
}

// Delete removes an object, if it exists.
func (s *Store) Delete(object runtime.Object) {
	at := s.informer(object)
	stored, exists, _ := at.indexer.Get(object)
	if !exists {
		return
	}
	if err := at.indexer.Delete(stored); err != nil {
		panic(err)
	}
	s.record(func() { s.Put(stored.(runtime.Object)) })
	if pod, isPod := stored.(*corev1.Pod); isPod && pod.Spec.NodeName == "" {
		return
	}
	at.delete(stored)
}

// Exists reports whether there is an object with the kind, namespace and name of another.
func (s *Store) Exists(like runtime.Object) bool {
	_, exists, _ := s.informer(like).indexer.Get(like)
	return exists
}

// Get returns the object with the kind, namespace and name of another; nil if there is none.
func Get[T runtime.Object](s *Store, like T) (T, bool) {
	stored, exists, _ := s.informer(like).indexer.Get(like)
	if !exists {
		var none T
		return none, false
	}
	return stored.(T), true
}

// List returns the objects of a kind, ordered by namespace and name.
func List[T runtime.Object](s *Store) []T {
	var kind T
	sorted := s.informer(kind).sorted()
	objects := make([]T, len(sorted))
	for i, object := range sorted {
		objects[i] = object.(T)
	}
	return objects
}

func (s *Store) informer(object runtime.Object) *informer {
	found := s.informers[reflect.TypeOf(object)]
	if found == nil {
		panic(fmt.Sprintf("the store has no objects of type %T", object))
	}
	return found
}

// TakeDeleted returns the pods that schedulers asked to delete since the last call, in no particular order.
func (s *Store) TakeDeleted() []*corev1.Pod {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	taken := s.deleted
	s.deleted = nil
	return taken
}

func informerOf(made *informer) func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer {
	return func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer { return made }
}

// Begin starts to record changes, for Rollback.
func (s *Store) Begin() { s.journal = &[]func(){} }

// Rollback takes back the changes since Begin, the latest first.
func (s *Store) Rollback() {
	journal := *s.journal
	s.journal = nil
	for _, revert := range slices.Backward(journal) {
		revert()
	}
}

func (s *Store) record(revert func()) {
	if s.journal != nil {
		*s.journal = append(*s.journal, revert)
	}
}

// Detach removes all handlers, so that other schedulers can take the place of those that read the store.
func (s *Store) Detach() {
	for _, each := range s.informers {
		each.handlers = nil
	}
}
