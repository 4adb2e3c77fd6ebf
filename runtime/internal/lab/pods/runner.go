package pods

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"

	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

// Addresses allocates the addresses of pods.
type Addresses interface {
	Allocate(pod string) (string, error)
	Release(pod string) error
}

// Machines are the machines of a cluster.
type Machines interface {
	// RunsK3s reports whether K3s, and with it the kubelet, runs on the machine of a node.
	RunsK3s(node string) bool
}

// Runner runs the pods of one cluster whose images are all local programs.
type Runner struct {
	Cluster    string
	Kubeconfig string
	// ToolsDir holds the programs, PodsDir the files of pods, and LogsDir their output.
	ToolsDir, PodsDir, LogsDir string
	// VolumesDir holds the persistent volumes of the cluster, and nothing else.
	VolumesDir string
	// Programs are the programs of the lab.
	Programs programs.Table
	// Traces provides the usage of machines, for the node agents on them.
	Traces *traces.Library
	// Socket is the path of the lab's socket.
	Socket    string
	Addresses Addresses
	Machines  Machines
	Registry  *Registry
	Logger    *slog.Logger

	client    kubernetes.Interface
	server    string
	authority []byte
	lister    corelisters.PodLister
	services  corelisters.ServiceLister
	nodes     corelisters.NodeLister
	// links are the links of the network, nil until they have been read.
	links     atomic.Pointer[links.Matrix]
	queue     workqueue.TypedRateLimitingInterface[string]
	mutex     sync.Mutex
	instances map[types.UID]*instance
}

// resync is the period after which all pods are reconciled again.
const resync = 30 * time.Second

// isLocal reports whether all containers of a pod are local programs.
func (r *Runner) isLocal(pod *corev1.Pod) bool {
	for _, container := range pod.Spec.Containers {
		if _, found := r.Programs.Find(container.Image); !found {
			return false
		}
	}
	return len(pod.Spec.Containers) > 0
}

// Run reconciles the cluster's pods until the context ends, and then stops all processes.
func (r *Runner) Run(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", r.Kubeconfig)
	if err != nil {
		return err
	}
	config.QPS = -1
	if r.client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	r.server, r.authority = config.Host, config.CAData
	r.instances = map[types.UID]*instance{}
	r.queue = workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	factory := informers.NewSharedInformerFactory(r.client, resync)
	informer := factory.Core().V1().Pods()
	r.lister = informer.Lister()
	r.services = factory.Core().V1().Services().Lister()
	r.nodes = factory.Core().V1().Nodes().Lister()
	enqueue := func(object any) {
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		if pod, ok := object.(*corev1.Pod); ok && pod.Spec.NodeName != "" && r.isLocal(pod) {
			r.queue.Add(pod.Namespace + "/" + pod.Name)
		}
	}
	if _, err := informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: enqueue, UpdateFunc: func(_, object any) { enqueue(object) }, DeleteFunc: enqueue,
	}); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go func() {
		<-ctx.Done()
		r.queue.ShutDown()
	}()
	go r.keepRemovingVolumes(ctx)
	go r.keepReadingLinks(ctx)
	for {
		key, quit := r.queue.Get()
		if quit {
			break
		}
		if err := r.reconcile(ctx, key); err != nil && ctx.Err() == nil {
			r.Logger.Warn("failed to reconcile pod", "cluster", r.Cluster, "pod", key, "err", err)
			r.queue.AddRateLimited(key)
		} else {
			r.queue.Forget(key)
		}
		r.queue.Done(key)
	}
	r.stopAll()
	return nil
}

func (r *Runner) stopAll() {
	r.mutex.Lock()
	running := r.instances
	r.instances = map[types.UID]*instance{}
	r.mutex.Unlock()
	for _, each := range running {
		each.cancel()
	}
	for _, each := range running {
		<-each.ended
	}
}

// reconcile starts what should run and stops what should not.
func (r *Runner) reconcile(ctx context.Context, key string) error {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return err
	}
	pod, err := r.lister.Pods(namespace).Get(name)
	if apierrors.IsNotFound(err) {
		return r.stopOthers(key, "")
	}
	if err != nil {
		return err
	}
	// An earlier pod may have had this name.
	if err := r.stopOthers(key, pod.UID); err != nil {
		return err
	}
	if pod.DeletionTimestamp != nil {
		return r.terminate(ctx, key, pod)
	}
	if pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.instances[pod.UID] == nil {
		r.instances[pod.UID] = start(ctx, r, key, pod.DeepCopy())
	}
	return nil
}

// stopOthers stops the instances of a pod name, except the one with a UID.
func (r *Runner) stopOthers(key string, except types.UID) error {
	r.mutex.Lock()
	var old []*instance
	for uid, instance := range r.instances {
		if instance.key == key && uid != except {
			old = append(old, instance)
			delete(r.instances, uid)
		}
	}
	r.mutex.Unlock()
	for _, instance := range old {
		instance.cancel()
		<-instance.ended
		if err := r.clean(instance.pod.UID); err != nil {
			return err
		}
	}
	return nil
}

// terminate stops a pod's processes within its grace period, and then deletes the pod.
func (r *Runner) terminate(ctx context.Context, key string, pod *corev1.Pod) error {
	r.mutex.Lock()
	running := r.instances[pod.UID]
	delete(r.instances, pod.UID)
	r.mutex.Unlock()
	// A slow termination must not delay other pods.
	go func() {
		if running != nil {
			running.cancel()
			<-running.ended
		}
		if err := r.clean(pod.UID); err != nil {
			r.Logger.Warn("failed to remove pod files", "cluster", r.Cluster, "pod", key, "err", err)
		}
		now := int64(0)
		err := r.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
			GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &pod.UID},
		})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			r.queue.AddRateLimited(key)
		}
	}()
	return nil
}

func (r *Runner) podDir(uid types.UID) string {
	return filepath.Join(r.PodsDir, r.Cluster, string(uid))
}

// clean removes a pod's files and releases its address.
func (r *Runner) clean(uid types.UID) error {
	if err := os.RemoveAll(r.podDir(uid)); err != nil {
		return err
	}
	return r.Addresses.Release(string(uid))
}
