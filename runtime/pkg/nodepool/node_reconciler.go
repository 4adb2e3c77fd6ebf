package nodepool

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// maxConcurrentNodes is the number of nodes that are reconciled concurrently.
const maxConcurrentNodes = 8

// conflictRetryDelay is how long a node waits for the cache to catch up after a conflicting write.
const conflictRetryDelay = 100 * time.Millisecond

// NodeReconciler applies pools to nodes.
type NodeReconciler struct {
	Client   client.Client
	Recorder events.EventRecorder

	rosters rosterCache
	mutex   sync.Mutex
	// warnings holds the reason of the latest warning about each node that belongs to no pool, by node name.
	warnings map[string]string
}

// SetupWithManager registers the controller. A node is reconciled when it changes, and when a pool changes that the node
// belongs to or that selects it.
func (r *NodeReconciler) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("nodes").
		For(&corev1.Node{}, builder.WithPredicates(predicate.Funcs{UpdateFunc: nodeChanged})).
		Watches(&v1alpha1.FleetNodePool{}, handler.EnqueueRequestsFromMapFunc(r.mapPoolToNodes), builder.WithPredicates(predicate.Funcs{UpdateFunc: poolChanged})).
		WithOptions(controller.Options{MaxConcurrentReconciles: maxConcurrentNodes}).
		Complete(r)
}

// nodeChanged filters out heartbeats. A resync of the cache passes: both versions are then equal.
func nodeChanged(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.(*corev1.Node), e.ObjectNew.(*corev1.Node)
	return before.ResourceVersion == after.ResourceVersion || before.UID != after.UID ||
		!nodeStateOf(before).equal(nodeStateOf(after)) || IsReady(before) != IsReady(after)
}

// poolChanged filters out status updates, except those of what nodes wait for.
func poolChanged(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.(*v1alpha1.FleetNodePool), e.ObjectNew.(*v1alpha1.FleetNodePool)
	return before.UID != after.UID || before.Generation != after.Generation ||
		(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		!equality.Semantic.DeepEqual(before.Status.ManagedKeys, after.Status.ManagedKeys) ||
		!equality.Semantic.DeepEqual(before.Status.Originals, after.Status.Originals)
}

// mapPoolToNodes returns a request for each node that belongs to a pool or that the pool selects.
func (r *NodeReconciler) mapPoolToNodes(ctx context.Context, object client.Object) []reconcile.Request {
	pool := object.(*v1alpha1.FleetNodePool)
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes); err != nil {
		log.FromContext(ctx).Error(err, "failed to list the nodes of a pool; retrying at the next resync", "pool", pool.Name)
		return nil
	}
	// The pool's selector counts even while the pool is being deleted.
	selector := newRoster([]v1alpha1.FleetNodePool{{ObjectMeta: metav1.ObjectMeta{Name: pool.Name}, Spec: pool.Spec}})
	var requests []reconcile.Request
	for i := range nodes.Items {
		node := &nodes.Items[i]
		if poolOf(node) == pool.Name || len(selector.poolsSelecting(node)) > 0 {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Name: node.Name}})
		}
	}
	return requests
}

// Reconcile updates a node to match its pool, and reverts what a pool applied to a node that has left it.
func (r *NodeReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var node corev1.Node
	if err := r.Client.Get(ctx, request.NamespacedName, &node); err != nil {
		r.clearWarning(request.Name)
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	roster, err := r.rosters.get(ctx, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	pools := roster.poolsSelecting(&node)
	if isControlPlane(&node) {
		pools = nil
	}
	r.checkMembership(&node, pools)
	desired, err := r.resolveNode(ctx, &node, pools)
	if err != nil || desired.state.equal(nodeStateOf(&node)) {
		return ctrl.Result{}, err
	}
	return r.patchNode(ctx, &node, desired)
}

// desiredNode is the desired state of a node, and its pool, or nil if it belongs to none.
type desiredNode struct {
	state nodeState
	pool  *v1alpha1.FleetNodePool
}

// resolveNode returns the desired state of a node that the given pools select.
func (r *NodeReconciler) resolveNode(ctx context.Context, node *corev1.Node, pools []string) (desiredNode, error) {
	unchanged := desiredNode{state: nodeStateOf(node)}
	current, err := r.getPool(ctx, poolOf(node))
	if err != nil {
		return unchanged, err
	}
	released := unchanged
	if current != nil {
		released.state = released.state.withoutPool(current)
	}
	var next *v1alpha1.FleetNodePool
	if len(pools) == 1 {
		if next, err = r.getPool(ctx, pools[0]); err != nil {
			return unchanged, err
		}
	}
	switch {
	// Nodes wait until the pool's status has recorded its keys and what it replaces, which reconciles them again.
	case next != nil && len(validatePool(next)) == 0 && hasRecordedKeys(next):
		if current != nil && current.Name == next.Name {
			return desiredNode{unchanged.state.withPool(next), next}, nil
		}
		if hasRecordedOriginals(next, released.state) {
			return desiredNode{released.state.withPool(next), next}, nil
		}
	case len(pools) == 0, current != nil && current.DeletionTimestamp != nil:
		return released, nil
	}
	return unchanged, nil
}

// getPool returns the pool with a name, or nil if it does not exist.
func (r *NodeReconciler) getPool(ctx context.Context, name string) (*v1alpha1.FleetNodePool, error) {
	if name == "" {
		return nil, nil
	}
	var pool v1alpha1.FleetNodePool
	if err := r.Client.Get(ctx, types.NamespacedName{Name: name}, &pool); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return &pool, nil
}

// patchNode updates a node to its desired state. It records an event if the update reverts a change to the node.
func (r *NodeReconciler) patchNode(ctx context.Context, node *corev1.Node, desired desiredNode) (ctrl.Result, error) {
	body, err := mergePatch(node, desired.state)
	if err != nil {
		return ctrl.Result{}, err
	}
	err = r.Client.Patch(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node.Name}}, client.RawPatch(types.MergePatchType, body))
	if apierrors.IsConflict(err) {
		// Kubelets write often; the cache has their version in a moment.
		return ctrl.Result{RequeueAfter: conflictRetryDelay}, nil
	}
	if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	nodeUpdates.Inc()
	log.FromContext(ctx).Info("updated node", "node", node.Name, "previousPool", poolOf(node), "pool", desired.state.labels[labels.ProtectedPool])
	// A changed pool updates all of its nodes; an event on each of them would add nothing.
	if pool := desired.pool; pool != nil && poolOf(node) == pool.Name && isSynced(pool) {
		r.Recorder.Eventf(node, pool, corev1.EventTypeNormal, reasonNodeUpdated, "Reconcile", "restored the labels and taints of pool %s", pool.Name)
	}
	return ctrl.Result{}, nil
}

// isSynced reports whether all nodes matched the current generation of a pool when its status was last updated.
func isSynced(pool *v1alpha1.FleetNodePool) bool {
	condition := meta.FindStatusCondition(pool.Status.Conditions, v1alpha1.Synced)
	return condition != nil && condition.Status == metav1.ConditionTrue && condition.ObservedGeneration == pool.Generation
}

// checkMembership records a warning about a node that no pool or more than one pool selects. Control-plane nodes belong to
// no pool by design.
func (r *NodeReconciler) checkMembership(node *corev1.Node, pools []string) {
	switch {
	case len(pools) > 1:
		r.warn(node, reasonPoolConflict, fmt.Sprintf("multiple pools select this node: %s; it stays unchanged until only one does", joinLimited(pools, ", ")))
	case len(pools) == 0 && !isControlPlane(node):
		r.warn(node, reasonNoMatchingPool, "no pool selects this node, which registered with a token of this cluster")
	default:
		r.clearWarning(node.Name)
	}
}

// warn records an event on a node, unless its latest warning had the same reason.
func (r *NodeReconciler) warn(node *corev1.Node, reason, message string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.warnings[node.Name] == reason {
		return
	}
	if r.warnings == nil {
		r.warnings = map[string]string{}
	}
	r.warnings[node.Name] = reason
	r.Recorder.Eventf(node, nil, corev1.EventTypeWarning, reason, "Reconcile", "%s", message)
	r.countUnassigned()
}

func (r *NodeReconciler) clearWarning(node string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if _, ok := r.warnings[node]; !ok {
		return
	}
	delete(r.warnings, node)
	r.countUnassigned()
}

// countUnassigned updates the metric. The caller must hold the mutex.
func (r *NodeReconciler) countUnassigned() {
	unassigned := 0
	for _, reason := range r.warnings {
		if reason == reasonNoMatchingPool {
			unassigned++
		}
	}
	unassignedNodes.Set(float64(unassigned))
}
