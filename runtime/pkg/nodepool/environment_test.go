package nodepool

import (
	"context"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// environment is a fake API server with both reconcilers.
type environment struct {
	t      testing.TB
	client client.Client
	nodes  *NodeReconciler
	pools  *PoolReconciler
	events *events.FakeRecorder
}

func newEnvironment(t testing.TB, objects ...client.Object) *environment {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	api := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.FleetNodePool{}).WithObjects(objects...).Build()
	recorder := events.NewFakeRecorder(1000)
	return &environment{t, api, &NodeReconciler{Client: api, Recorder: recorder}, &PoolReconciler{Client: api, Recorder: recorder}, recorder}
}

// settle reconciles all objects until none changes.
func (e *environment) settle() {
	e.t.Helper()
	for before, rounds := "", 0; ; rounds++ {
		var nodes corev1.NodeList
		var pools v1alpha1.FleetNodePoolList
		e.must(e.client.List(context.Background(), &nodes))
		e.must(e.client.List(context.Background(), &pools))
		var versions strings.Builder
		for i := range pools.Items {
			versions.WriteString(pools.Items[i].Name + pools.Items[i].ResourceVersion + " ")
			e.reconcile(e.pools.Reconcile, pools.Items[i].Name)
		}
		for i := range nodes.Items {
			versions.WriteString(nodes.Items[i].Name + nodes.Items[i].ResourceVersion + " ")
			e.reconcile(e.nodes.Reconcile, nodes.Items[i].Name)
		}
		if versions.String() == before {
			return
		}
		if before = versions.String(); rounds > 20 {
			e.t.Fatalf("objects still change after %d rounds: %s", rounds, before)
		}
	}
}

func (e *environment) reconcile(reconcile func(context.Context, ctrl.Request) (ctrl.Result, error), name string) {
	e.t.Helper()
	_, err := reconcile(context.Background(), ctrl.Request{NamespacedName: types.NamespacedName{Name: name}})
	e.must(err)
}

func (e *environment) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *environment) node(name string) *corev1.Node {
	e.t.Helper()
	var node corev1.Node
	e.must(e.client.Get(context.Background(), types.NamespacedName{Name: name}, &node))
	return &node
}

func (e *environment) pool(name string) *v1alpha1.FleetNodePool {
	e.t.Helper()
	var pool v1alpha1.FleetNodePool
	e.must(e.client.Get(context.Background(), types.NamespacedName{Name: name}, &pool))
	return &pool
}

// updateNode changes a node as an administrator or a kubelet does.
func (e *environment) updateNode(name string, change func(*corev1.Node)) {
	e.t.Helper()
	node := e.node(name)
	change(node)
	e.must(e.client.Update(context.Background(), node))
}

// updateSpec changes the spec of a pool and increments its generation.
func (e *environment) updateSpec(name string, change func(*v1alpha1.FleetNodePoolSpec)) {
	e.t.Helper()
	pool := e.pool(name)
	change(&pool.Spec)
	pool.Generation++
	e.must(e.client.Update(context.Background(), pool))
}

// syncedCondition returns the reason and the message of a pool's condition Synced.
func (e *environment) syncedCondition(pool string) (reason, message string) {
	e.t.Helper()
	for _, condition := range e.pool(pool).Status.Conditions {
		if condition.Type == v1alpha1.Synced {
			return condition.Reason, condition.Message
		}
	}
	return "", ""
}

// takeEvents returns the events recorded since the last call.
func (e *environment) takeEvents() []string {
	var all []string
	for {
		select {
		case event := <-e.events.Events:
			all = append(all, event)
		default:
			return all
		}
	}
}

func taintsOf(node *corev1.Node) []string {
	var all []string
	for _, taint := range node.Spec.Taints {
		all = append(all, taint.ToString())
	}
	slices.Sort(all)
	return all
}

// newRegistrationPool returns a pool that selects nodes by their registration label.
func newRegistrationPool(name string, taints ...v1alpha1.Taint) *v1alpha1.FleetNodePool {
	pool := newPool(name, map[string]v1alpha1.LabelValue{labels.NodePool: v1alpha1.LabelValue(name)}, taints...)
	pool.Spec.Selector = v1alpha1.Selector{RegistrationLabel: &v1alpha1.RegistrationLabel{Key: labels.NodePool, Value: name}}
	return pool
}

// newNamesPool returns a pool that selects nodes by name.
func newNamesPool(name string, nodes ...string) *v1alpha1.FleetNodePool {
	pool := newPool(name, nil)
	pool.Spec.Selector = v1alpha1.Selector{Names: nodes}
	return pool
}

func newPool(name string, nodeLabels map[string]v1alpha1.LabelValue, taints ...v1alpha1.Taint) *v1alpha1.FleetNodePool {
	return &v1alpha1.FleetNodePool{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Generation: 1},
		Spec:       v1alpha1.FleetNodePoolSpec{Labels: nodeLabels, Taints: taints},
	}
}

func newNode(name string, nodeLabels map[string]string, taints ...corev1.Taint) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: nodeLabels}, Spec: corev1.NodeSpec{Taints: taints}}
}

func iotTaint() v1alpha1.Taint {
	return v1alpha1.Taint{Key: "dedicated", Value: "iot", Effect: corev1.TaintEffectNoSchedule}
}
