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

// world is a cluster with both controllers.
type world struct {
	t      testing.TB
	client client.Client
	nodes  *Nodes
	pools  *Pools
	events *events.FakeRecorder
}

func newWorld(t testing.TB, objects ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	api := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.FleetNodePool{}).WithObjects(objects...).Build()
	recorder := events.NewFakeRecorder(1000)
	return &world{t, api, &Nodes{Client: api, Recorder: recorder}, &Pools{Client: api, Recorder: recorder}, recorder}
}

// settle has every object reconciled until nothing changes any more.
func (w *world) settle() {
	w.t.Helper()
	for before, rounds := "", 0; ; rounds++ {
		var nodes corev1.NodeList
		var pools v1alpha1.FleetNodePoolList
		w.must(w.client.List(context.Background(), &nodes))
		w.must(w.client.List(context.Background(), &pools))
		var versions strings.Builder
		for i := range pools.Items {
			versions.WriteString(pools.Items[i].Name + pools.Items[i].ResourceVersion + " ")
			w.reconcile(w.pools.Reconcile, pools.Items[i].Name)
		}
		for i := range nodes.Items {
			versions.WriteString(nodes.Items[i].Name + nodes.Items[i].ResourceVersion + " ")
			w.reconcile(w.nodes.Reconcile, nodes.Items[i].Name)
		}
		if versions.String() == before {
			return
		}
		if before = versions.String(); rounds > 20 {
			w.t.Fatalf("still changing after %d rounds: %s", rounds, before)
		}
	}
}

func (w *world) reconcile(reconcile func(context.Context, ctrl.Request) (ctrl.Result, error), name string) {
	w.t.Helper()
	_, err := reconcile(context.Background(), ctrl.Request{NamespacedName: types.NamespacedName{Name: name}})
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) node(name string) *corev1.Node {
	w.t.Helper()
	var node corev1.Node
	w.must(w.client.Get(context.Background(), types.NamespacedName{Name: name}, &node))
	return &node
}

func (w *world) pool(name string) *v1alpha1.FleetNodePool {
	w.t.Helper()
	var pool v1alpha1.FleetNodePool
	w.must(w.client.Get(context.Background(), types.NamespacedName{Name: name}, &pool))
	return &pool
}

// change updates a node as an administrator or a kubelet does.
func (w *world) change(name string, change func(*corev1.Node)) {
	w.t.Helper()
	node := w.node(name)
	change(node)
	w.must(w.client.Update(context.Background(), node))
}

// restate updates a pool, as a new generation.
func (w *world) restate(name string, change func(*v1alpha1.FleetNodePoolSpec)) {
	w.t.Helper()
	pool := w.pool(name)
	change(&pool.Spec)
	pool.Generation++
	w.must(w.client.Update(context.Background(), pool))
}

func (w *world) synced(pool string) (reason, message string) {
	w.t.Helper()
	for _, condition := range w.pool(pool).Status.Conditions {
		if condition.Type == v1alpha1.Synced {
			return condition.Reason, condition.Message
		}
	}
	return "", ""
}

func taintsOf(node *corev1.Node) []string {
	var all []string
	for _, taint := range node.Spec.Taints {
		all = append(all, taint.ToString())
	}
	slices.Sort(all)
	return all
}

// registering is a pool that takes nodes by their registration label.
func registering(name string, taints ...v1alpha1.Taint) *v1alpha1.FleetNodePool {
	pool := stating(name, map[string]v1alpha1.LabelValue{labels.NodePool: v1alpha1.LabelValue(name)}, taints...)
	pool.Spec.Selector = v1alpha1.Selector{RegistrationLabel: &v1alpha1.RegistrationLabel{Key: labels.NodePool, Value: name}}
	return pool
}

// naming is a pool that names its nodes.
func naming(name string, nodes ...string) *v1alpha1.FleetNodePool {
	pool := stating(name, nil)
	pool.Spec.Selector = v1alpha1.Selector{Names: nodes}
	return pool
}

func stating(name string, stated map[string]v1alpha1.LabelValue, taints ...v1alpha1.Taint) *v1alpha1.FleetNodePool {
	return &v1alpha1.FleetNodePool{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Generation: 1},
		Spec:       v1alpha1.FleetNodePoolSpec{Labels: stated, Taints: taints},
	}
}

func machine(name string, has map[string]string, taints ...corev1.Taint) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: has}, Spec: corev1.NodeSpec{Taints: taints}}
}

func iot() v1alpha1.Taint {
	return v1alpha1.Taint{Key: "dedicated", Value: "iot", Effect: corev1.TaintEffectNoSchedule}
}
