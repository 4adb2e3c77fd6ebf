package nodepool

import (
	"context"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

const (
	// batchPeriod is how long node changes are collected before a pool's status is updated.
	batchPeriod = time.Second
	// pruneDelay is how long a pool must be synced before keys that left its spec are dropped from its status. It exceeds
	// the client's request timeout, so that no request from before the change is still in flight.
	pruneDelay = 2 * time.Minute
)

// PoolReconciler maintains the status and the finalizer of FleetNodePool objects.
type PoolReconciler struct {
	Client   client.Client
	Recorder events.EventRecorder

	rosters     rosterCache
	mutex       sync.Mutex
	syncedSince map[types.UID]syncedSince
}

// syncedSince records when a generation of a pool was first seen synced.
type syncedSince struct {
	generation int64
	time       time.Time
}

// SetupWithManager registers the controller. A pool is reconciled when its spec or one of its nodes changes.
func (r *PoolReconciler) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("pools").
		For(&v1alpha1.FleetNodePool{}, builder.WithPredicates(predicate.Funcs{UpdateFunc: poolChanged})).
		Watches(&corev1.Node{}, r.enqueuePools(), builder.WithPredicates(predicate.Funcs{UpdateFunc: nodeChanged})).
		Complete(r)
}

// enqueuePools returns a handler that enqueues the pools of a changed node after batchPeriod.
func (r *PoolReconciler) enqueuePools() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	enqueue := func(ctx context.Context, object client.Object, q queue) {
		roster, err := r.rosters.get(ctx, r.Client)
		if err != nil {
			return
		}
		node := object.(*corev1.Node)
		for _, pool := range append(slices.Clone(roster.poolsSelecting(node)), poolOf(node)) {
			if pool != "" {
				q.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Name: pool}}, batchPeriod)
			}
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) { enqueue(ctx, e.Object, q) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) { enqueue(ctx, e.Object, q) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			enqueue(ctx, e.ObjectOld, q)
			enqueue(ctx, e.ObjectNew, q)
		},
	}
}

// Reconcile updates the status of a pool and sets or removes its finalizer.
func (r *PoolReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var current v1alpha1.FleetNodePool
	if err := r.Client.Get(ctx, request.NamespacedName, &current); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes); err != nil {
		return ctrl.Result{}, err
	}
	if current.DeletionTimestamp != nil {
		return ctrl.Result{}, client.IgnoreNotFound(r.finalize(ctx, &current, nodes.Items))
	}
	if err := r.patchFinalizer(ctx, &current, controllerutil.AddFinalizer); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	roster, err := r.rosters.get(ctx, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	pool := current.DeepCopy()
	// Record keys before any node gets them: a key that is not recorded would never be removed from nodes.
	if len(validatePool(pool)) == 0 {
		if pool.Status.Originals, err = recordOriginals(ctx, r.Client, &current, nodes.Items, roster); err != nil {
			return ctrl.Result{}, err
		}
		pool.Status.ManagedKeys = withSpecKeys(pool.Status.ManagedKeys, &pool.Spec)
	}
	setStatus(pool, nodes.Items, roster)
	var result ctrl.Result
	if hasStaleKeys(pool) {
		if delay := r.timeUntilPrune(pool); delay > 0 {
			result.RequeueAfter = delay
		} else {
			pool.Status.ManagedKeys = specKeys(&pool.Spec)
			pool.Status.Originals = withoutStaleKeys(pool.Status.Originals, pool)
		}
	}
	if equality.Semantic.DeepEqual(current.Status, pool.Status) {
		return result, nil
	}
	if err := r.Client.Status().Patch(ctx, pool.DeepCopy(), client.MergeFrom(&current)); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.recordProblem(&current, pool)
	return result, nil
}

// finalize removes the finalizer of a deleted pool once no node belongs to it.
func (r *PoolReconciler) finalize(ctx context.Context, pool *v1alpha1.FleetNodePool, nodes []corev1.Node) error {
	for i := range nodes {
		if poolOf(&nodes[i]) == pool.Name {
			// The pool is enqueued again when this node leaves it.
			return nil
		}
	}
	r.mutex.Lock()
	delete(r.syncedSince, pool.UID)
	r.mutex.Unlock()
	return r.patchFinalizer(ctx, pool, controllerutil.RemoveFinalizer)
}

func (r *PoolReconciler) patchFinalizer(ctx context.Context, pool *v1alpha1.FleetNodePool, change func(client.Object, string) bool) error {
	changed := pool.DeepCopy()
	if !change(changed, v1alpha1.Finalizer) {
		return nil
	}
	return r.Client.Patch(ctx, changed, client.MergeFromWithOptions(pool, client.MergeFromWithOptimisticLock{}))
}

// timeUntilPrune returns how long stale keys must stay in a pool's status; 0 means that they can be dropped.
func (r *PoolReconciler) timeUntilPrune(pool *v1alpha1.FleetNodePool) time.Duration {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if !meta.IsStatusConditionTrue(pool.Status.Conditions, v1alpha1.Synced) {
		delete(r.syncedSince, pool.UID)
		return pruneDelay
	}
	now := time.Now()
	if since, ok := r.syncedSince[pool.UID]; ok && since.generation == pool.Generation {
		return max(pruneDelay-now.Sub(since.time), 0)
	}
	if r.syncedSince == nil {
		r.syncedSince = map[types.UID]syncedSince{}
	}
	r.syncedSince[pool.UID] = syncedSince{pool.Generation, now}
	return pruneDelay
}

// recordProblem records an event when the condition Synced turns false because of a problem that only a user can fix.
func (r *PoolReconciler) recordProblem(before, after *v1alpha1.FleetNodePool) {
	condition := meta.FindStatusCondition(after.Status.Conditions, v1alpha1.Synced)
	if condition.Reason == reasonNodesUpToDate || condition.Reason == reasonNodesOutOfDate {
		return
	}
	if old := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.Synced); old == nil || old.Reason != condition.Reason || old.Message != condition.Message {
		r.Recorder.Eventf(after, nil, corev1.EventTypeWarning, condition.Reason, "Reconcile", "%s", condition.Message)
	}
}
