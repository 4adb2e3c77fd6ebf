package nodepool

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// settle is how long changes of nodes are gathered before a pool's status is counted again.
const settle = time.Second

// Pools tells in each pool's status how its nodes stand.
type Pools struct {
	Client client.Client
}

// SetupWithManager has a pool counted when it or one of its nodes changes.
func (r *Pools) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("pools").
		For(&v1alpha1.NodePool{}).
		Watches(&corev1.Node{}, r.gathered()).
		Complete(r)
}

func (r *Pools) gathered() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	enqueue := func(ctx context.Context, object client.Object, q queue) {
		pools, err := claimants(ctx, r.Client, object.(*corev1.Node))
		if err != nil {
			return
		}
		for _, pool := range pools {
			q.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Name: pool.Name}}, settle)
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

// Reconcile counts a pool's nodes and writes the status if it changed.
func (r *Pools) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var pool v1alpha1.NodePool
	if err := r.Client.Get(ctx, request.NamespacedName, &pool); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	nodes, err := members(ctx, r.Client, &pool)
	if err != nil {
		return ctrl.Result{}, err
	}
	before := pool.DeepCopy()
	count(&pool, nodes)
	if equality.Semantic.DeepEqual(before.Status, pool.Status) {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{}, client.IgnoreNotFound(r.Client.Status().Patch(ctx, &pool, client.MergeFrom(before)))
}

func count(pool *v1alpha1.NodePool, nodes []corev1.Node) {
	pool.Status.ObservedGeneration = pool.Generation
	pool.Status.Nodes, pool.Status.Ready = int32(len(nodes)), 0
	behind := 0
	present := map[string]bool{}
	for i := range nodes {
		present[nodes[i].Name] = true
		if ready(&nodes[i]) {
			pool.Status.Ready++
		}
		if changed, err := apply(nodes[i].DeepCopy(), pool); err != nil || changed {
			behind++
		}
	}
	set := func(kind string, holds bool, reason, message string) {
		status := metav1.ConditionFalse
		if holds {
			status = metav1.ConditionTrue
		}
		meta.SetStatusCondition(&pool.Status.Conditions, metav1.Condition{
			Type: kind, Status: status, Reason: reason, Message: message, ObservedGeneration: pool.Generation,
		})
	}
	switch invalid := problems(pool); {
	case len(invalid) > 0:
		set(v1alpha1.Synced, false, "Invalid", strings.Join(invalid, "; "))
	case behind > 0:
		set(v1alpha1.Synced, false, "NodesBehind", fmt.Sprintf("%d of %d nodes are not yet as stated", behind, len(nodes)))
	default:
		set(v1alpha1.Synced, true, "AsStated", "every node is as stated")
	}
	missing := missingNodes(pool, present)
	if len(missing) > 0 {
		set(v1alpha1.NodesMissing, true, "NotThere", strings.Join(missing, ", "))
	} else {
		set(v1alpha1.NodesMissing, false, "AllThere", "no node is missing")
	}
}

func missingNodes(pool *v1alpha1.NodePool, present map[string]bool) []string {
	var missing []string
	for _, name := range pool.Spec.Selector.Names {
		if !present[name] {
			missing = append(missing, name)
		}
	}
	if wanted := pool.Spec.Count; len(missing) == 0 && wanted != nil && len(present) < int(*wanted) {
		missing = append(missing, fmt.Sprintf("%d of %d nodes", int(*wanted)-len(present), *wanted))
	}
	return missing
}

func ready(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
