package nodepool

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// Workers is how many nodes are worked on side by side.
const Workers = 8

// afterConflict is how long a node waits that somebody else has just written.
const afterConflict = 100 * time.Millisecond

// Nodes keeps one node at a time as its pool states it.
type Nodes struct {
	Client   client.Client
	Recorder events.EventRecorder

	mutex   sync.Mutex
	unknown map[string]bool
}

// SetupWithManager has every node looked at when it changes, and all nodes of a pool when the pool does.
func (r *Nodes) SetupWithManager(manager ctrl.Manager) error {
	r.unknown = map[string]bool{}
	return ctrl.NewControllerManagedBy(manager).
		Named("nodes").
		For(&corev1.Node{}).
		Watches(&v1alpha1.NodePool{}, handler.EnqueueRequestsFromMapFunc(r.nodesOf)).
		WithOptions(controller.Options{MaxConcurrentReconciles: Workers}).
		Complete(r)
}

// nodesOf names the nodes that a changed pool concerns: those that it claims, and those that nobody claimed so far.
func (r *Nodes) nodesOf(ctx context.Context, object client.Object) []reconcile.Request {
	pool := object.(*v1alpha1.NodePool)
	nodes, err := members(ctx, r.Client, pool)
	if err != nil {
		log.FromContext(ctx).Error(err, "Nodes of the pool not listed; the next resync meets them", "pool", pool.Name)
		return nil
	}
	requests := make([]reconcile.Request, 0, len(nodes))
	for _, node := range nodes {
		requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Name: node.Name}})
	}
	return requests
}

// Reconcile makes a node what its pool states.
func (r *Nodes) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var node corev1.Node
	if err := r.Client.Get(ctx, request.NamespacedName, &node); err != nil {
		r.known(request.Name)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if _, server := node.Labels[controlPlane]; server {
		return ctrl.Result{}, nil
	}
	pools, err := claimants(ctx, r.Client, &node)
	if err != nil {
		return ctrl.Result{}, err
	}
	switch len(pools) {
	case 0:
		r.nameUnknown(&node)
		return ctrl.Result{}, nil
	case 1:
		r.known(node.Name)
	default:
		r.known(node.Name)
		r.warn(&node, "ClaimedTwice", fmt.Sprintf("pools %s claim this node: it is left as it is", strings.Join(names(pools), ", ")))
		return ctrl.Result{}, nil
	}
	pool := &pools[0]
	if len(problems(pool)) > 0 {
		return ctrl.Result{}, nil
	}
	original := node.DeepCopy()
	changed, err := apply(&node, pool)
	if err != nil || !changed {
		return ctrl.Result{}, err
	}
	// The patch names the version it was made from: whoever changed the taints in between is not overwritten.
	patch := client.MergeFromWithOptions(original, client.MergeFromWithOptimisticLock{})
	if err := r.Client.Patch(ctx, &node, patch); apierrors.IsConflict(err) {
		// Somebody was faster, as kubelets often are: their version is in the cache in a moment.
		return ctrl.Result{RequeueAfter: afterConflict}, nil
	} else if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	corrections.Inc()
	log.FromContext(ctx).Info("Node put right", "node", node.Name, "pool", pool.Name)
	r.Recorder.Eventf(&node, pool, corev1.EventTypeNormal, "PutRight", "Reconcile", "labels and taints are as pool %s states", pool.Name)
	return ctrl.Result{}, nil
}

func names(pools []v1alpha1.NodePool) []string {
	list := make([]string, len(pools))
	for i, pool := range pools {
		list[i] = pool.Name
	}
	return list
}

func (r *Nodes) warn(node *corev1.Node, reason, text string) {
	r.Recorder.Eventf(node, nil, corev1.EventTypeWarning, reason, "Reconcile", "%s", text)
}

// nameUnknown says, once, that no pool claims a node.
func (r *Nodes) nameUnknown(node *corev1.Node) {
	r.mutex.Lock()
	said := r.unknown[node.Name]
	r.unknown[node.Name] = true
	unknownNodes.Set(float64(len(r.unknown)))
	r.mutex.Unlock()
	if !said {
		r.warn(node, "UnknownNode", fmt.Sprintf("node %s belongs to no pool: it joined with a token of this cluster, but nobody stated it", node.Name))
	}
}

func (r *Nodes) known(name string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.unknown, name)
	unknownNodes.Set(float64(len(r.unknown)))
}
