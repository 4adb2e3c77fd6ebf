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

// Workers is how many nodes are worked on side by side.
const Workers = 8

// afterConflict is how long a node waits that somebody else has just written.
const afterConflict = 100 * time.Millisecond

// Nodes keeps one node at a time as its pool states it.
type Nodes struct {
	Client   client.Client
	Recorder events.EventRecorder

	rosters rosters
	mutex   sync.Mutex
	// told is what was last said of a node that is in no pool.
	told map[string]string
}

// SetupWithManager has every node looked at when it changes, and all nodes that a pool concerns when the pool does.
func (r *Nodes) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("nodes").
		For(&corev1.Node{}, builder.WithPredicates(predicate.Funcs{UpdateFunc: nodeChanged})).
		Watches(&v1alpha1.FleetNodePool{}, handler.EnqueueRequestsFromMapFunc(r.nodesOf), builder.WithPredicates(predicate.Funcs{UpdateFunc: poolChanged})).
		WithOptions(controller.Options{MaxConcurrentReconciles: Workers}).
		Complete(r)
}

// nodeChanged leaves out heartbeats. Both versions are the same when the cache is resynchronized.
func nodeChanged(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.(*corev1.Node), e.ObjectNew.(*corev1.Node)
	return before.ResourceVersion == after.ResourceVersion || before.UID != after.UID ||
		!stateOf(before).equal(stateOf(after)) || ready(before) != ready(after)
}

// poolChanged leaves out what a pool's status says of its nodes.
func poolChanged(e event.UpdateEvent) bool {
	before, after := e.ObjectOld.(*v1alpha1.FleetNodePool), e.ObjectNew.(*v1alpha1.FleetNodePool)
	return before.UID != after.UID || before.Generation != after.Generation ||
		(before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		!equality.Semantic.DeepEqual(before.Status.Applied, after.Status.Applied)
}

// nodesOf names the nodes that a changed pool concerns: those that belong to it, and those that it claims.
func (r *Nodes) nodesOf(ctx context.Context, object client.Object) []reconcile.Request {
	pool := object.(*v1alpha1.FleetNodePool)
	var nodes corev1.NodeList
	if err := r.Client.List(ctx, &nodes); err != nil {
		log.FromContext(ctx).Error(err, "Cannot list the nodes of a pool; the next resync finds them", "pool", pool.Name)
		return nil
	}
	alone := newRoster([]v1alpha1.FleetNodePool{{ObjectMeta: metav1.ObjectMeta{Name: pool.Name}, Spec: pool.Spec}})
	var requests []reconcile.Request
	for i := range nodes.Items {
		node := &nodes.Items[i]
		if bound(node) == pool.Name || len(alone.claimants(node)) > 0 {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Name: node.Name}})
		}
	}
	return requests
}

// Reconcile makes a node what its pool states, and takes it out of the pool that it has left.
func (r *Nodes) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var node corev1.Node
	if err := r.Client.Get(ctx, request.NamespacedName, &node); err != nil {
		r.tell(nil, request.Name, "", "")
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	roster, err := r.rosters.current(ctx, r.Client)
	if err != nil {
		return ctrl.Result{}, err
	}
	claimants := roster.claimants(&node)
	if isServer(&node) {
		claimants = nil
	}
	r.report(&node, claimants)
	wanted, err := r.wanted(ctx, &node, claimants)
	if err != nil || wanted.state.equal(stateOf(&node)) {
		return ctrl.Result{}, err
	}
	return r.write(ctx, &node, wanted)
}

// wanted is what a node should be, and the pool that it then belongs to, if any.
type wanted struct {
	state state
	pool  *v1alpha1.FleetNodePool
}

func (r *Nodes) wanted(ctx context.Context, node *corev1.Node, claimants []string) (wanted, error) {
	unchanged := wanted{state: stateOf(node)}
	left, err := r.pool(ctx, bound(node))
	if err != nil {
		return unchanged, err
	}
	leaves := unchanged
	if left != nil {
		leaves.state = leaves.state.after(left)
	}
	var joins *v1alpha1.FleetNodePool
	if len(claimants) == 1 {
		if joins, err = r.pool(ctx, claimants[0]); err != nil {
			return unchanged, err
		}
	}
	switch {
	// A pool's status is written before its nodes; that brings the node back here.
	case joins != nil && len(problems(joins)) == 0 && recorded(joins):
		if left == nil || left.Name == joins.Name {
			return wanted{unchanged.state.in(joins), joins}, nil
		}
		return wanted{leaves.state.in(joins), joins}, nil
	case len(claimants) == 0, left != nil && left.DeletionTimestamp != nil:
		return leaves, nil
	}
	return unchanged, nil
}

// pool reads a pool; nil if there is none.
func (r *Nodes) pool(ctx context.Context, name string) (*v1alpha1.FleetNodePool, error) {
	if name == "" {
		return nil, nil
	}
	var pool v1alpha1.FleetNodePool
	if err := r.Client.Get(ctx, types.NamespacedName{Name: name}, &pool); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	return &pool, nil
}

// write patches a node, and makes an event where somebody else had changed it.
func (r *Nodes) write(ctx context.Context, node *corev1.Node, to wanted) (ctrl.Result, error) {
	body, err := patch(node, to.state)
	if err != nil {
		return ctrl.Result{}, err
	}
	err = r.Client.Patch(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node.Name}}, client.RawPatch(types.MergePatchType, body))
	if apierrors.IsConflict(err) {
		// Another writer was faster, as kubelets often are: their version is in the cache in a moment.
		return ctrl.Result{RequeueAfter: afterConflict}, nil
	}
	if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	corrections.Inc()
	log.FromContext(ctx).Info("Node updated", "node", node.Name, "from", bound(node), "pool", to.state.labels[labels.ProtectedPool])
	// A changed pool changes all of its nodes; an event for each of them would say nothing new.
	if pool := to.pool; pool != nil && bound(node) == pool.Name && synced(pool) {
		r.Recorder.Eventf(node, pool, corev1.EventTypeNormal, "PutRight", "Reconcile", "labels and taints are as pool %s states", pool.Name)
	}
	return ctrl.Result{}, nil
}

// synced tells whether every node was as a pool states it now.
func synced(pool *v1alpha1.FleetNodePool) bool {
	condition := meta.FindStatusCondition(pool.Status.Conditions, v1alpha1.Synced)
	return condition != nil && condition.Status == metav1.ConditionTrue && condition.ObservedGeneration == pool.Generation
}

// report says, once, why a node is in no pool. Servers are in none on purpose.
func (r *Nodes) report(node *corev1.Node, claimants []string) {
	switch {
	case len(claimants) > 1:
		r.tell(node, node.Name, "ClaimedTwice", fmt.Sprintf("pools %s claim this node: it stays as it is until only one does", list(claimants, ", ")))
	case len(claimants) == 0 && !isServer(node):
		r.tell(node, node.Name, unknownNode, "no pool claims this node: it joined with a token of this cluster")
	default:
		r.tell(nil, node.Name, "", "")
	}
}

const unknownNode = "UnknownNode"

// tell makes an event of what is said of a node, unless it was said before.
func (r *Nodes) tell(node *corev1.Node, name, reason, text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.told[name] == reason {
		return
	}
	if r.told == nil {
		r.told = map[string]string{}
	}
	if r.told[name] = reason; reason == "" {
		delete(r.told, name)
	} else {
		r.Recorder.Eventf(node, nil, corev1.EventTypeWarning, reason, "Reconcile", "%s", text)
	}
	unknown := 0
	for _, each := range r.told {
		if each == unknownNode {
			unknown++
		}
	}
	unknownNodes.Set(float64(unknown))
}
