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
	// settle is how long changes of nodes are gathered before a pool's status is counted again.
	settle = time.Second
	// forgetAfter is how long all nodes must have been as stated before the record shrinks: longer than a request that was
	// made for an older pool can be under way.
	forgetAfter = 2 * time.Minute
)

// Pools writes each pool's status: how its nodes stand, and what may have been applied to them.
type Pools struct {
	Client   client.Client
	Recorder events.EventRecorder

	rosters rosters
	mutex   sync.Mutex
	quiet   map[types.UID]quiet
}

// quiet is since when every node is as one generation of a pool states.
type quiet struct {
	generation int64
	since      time.Time
}

// SetupWithManager has a pool counted when it or one of its nodes changes.
func (r *Pools) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("pools").
		For(&v1alpha1.FleetNodePool{}, builder.WithPredicates(predicate.Funcs{UpdateFunc: poolChanged})).
		Watches(&corev1.Node{}, r.gathered(), builder.WithPredicates(predicate.Funcs{UpdateFunc: nodeChanged})).
		Complete(r)
}

func (r *Pools) gathered() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	enqueue := func(ctx context.Context, object client.Object, q queue) {
		roster, err := r.rosters.current(ctx, r.Client)
		if err != nil {
			return
		}
		node := object.(*corev1.Node)
		for _, pool := range append(slices.Clone(roster.claimants(node)), bound(node)) {
			if pool != "" {
				q.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Name: pool}}, settle)
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

// Reconcile counts a pool's nodes, keeps its record, and writes the status if it changed.
func (r *Pools) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var before v1alpha1.FleetNodePool
	if err := r.Client.Get(ctx, request.NamespacedName, &before); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes); err != nil {
		return ctrl.Result{}, err
	}
	if before.DeletionTimestamp != nil {
		return ctrl.Result{}, client.IgnoreNotFound(r.release(ctx, &before, nodes.Items))
	}
	if err := r.setFinalizer(ctx, &before, controllerutil.AddFinalizer); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	roster, err := r.rosters.current(ctx, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	pool := before.DeepCopy()
	// Before a node is changed: what is not recorded would stay on nodes for ever.
	if len(problems(pool)) == 0 {
		pool.Status.Applied = extended(pool.Status.Applied, &pool.Spec)
	}
	count(pool, nodes.Items, roster)
	var result ctrl.Result
	if retired(pool) {
		if wait := r.untilForgotten(pool); wait > 0 {
			result.RequeueAfter = wait
		} else {
			pool.Status.Applied = stated(&pool.Spec)
		}
	}
	if equality.Semantic.DeepEqual(before.Status, pool.Status) {
		return result, nil
	}
	if err := r.Client.Status().Patch(ctx, pool.DeepCopy(), client.MergeFrom(&before)); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	r.report(&before, pool)
	return result, nil
}

// release lets a pool go once no node belongs to it any more.
func (r *Pools) release(ctx context.Context, pool *v1alpha1.FleetNodePool, nodes []corev1.Node) error {
	for i := range nodes {
		if bound(&nodes[i]) == pool.Name {
			// Each node that leaves brings the pool back here.
			return nil
		}
	}
	r.mutex.Lock()
	delete(r.quiet, pool.UID)
	r.mutex.Unlock()
	return r.setFinalizer(ctx, pool, controllerutil.RemoveFinalizer)
}

func (r *Pools) setFinalizer(ctx context.Context, pool *v1alpha1.FleetNodePool, set func(client.Object, string) bool) error {
	changed := pool.DeepCopy()
	if !set(changed, v1alpha1.Finalizer) {
		return nil
	}
	return r.Client.Patch(ctx, changed, client.MergeFromWithOptions(pool, client.MergeFromWithOptimisticLock{}))
}

// untilForgotten is how long a record must still hold what its pool no longer states. Zero: no longer.
func (r *Pools) untilForgotten(pool *v1alpha1.FleetNodePool) time.Duration {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if !meta.IsStatusConditionTrue(pool.Status.Conditions, v1alpha1.Synced) {
		delete(r.quiet, pool.UID)
		return forgetAfter
	}
	now := time.Now()
	if at, has := r.quiet[pool.UID]; has && at.generation == pool.Generation {
		return max(forgetAfter-now.Sub(at.since), 0)
	}
	if r.quiet == nil {
		r.quiet = map[types.UID]quiet{}
	}
	r.quiet[pool.UID] = quiet{pool.Generation, now}
	return forgetAfter
}

// report makes an event of a problem that a pool has newly.
func (r *Pools) report(before, pool *v1alpha1.FleetNodePool) {
	now := meta.FindStatusCondition(pool.Status.Conditions, v1alpha1.Synced)
	if now.Reason == asStated || now.Reason == nodesBehind {
		return
	}
	if old := meta.FindStatusCondition(before.Status.Conditions, v1alpha1.Synced); old == nil || old.Reason != now.Reason || old.Message != now.Message {
		r.Recorder.Eventf(pool, nil, corev1.EventTypeWarning, now.Reason, "Reconcile", "%s", now.Message)
	}
}
