package nodepool

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache/informertest"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllertest"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

func TestReadyOnceEveryCacheIsSynced(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	nodes, pools := controllertest.NewFakeInformer(), controllertest.NewFakeInformer()
	objects := &informertest.FakeInformers{Scheme: scheme, InformersByGVK: map[schema.GroupVersionKind]toolscache.SharedIndexInformer{
		corev1.SchemeGroupVersion.WithKind("Node"): nodes, v1alpha1.GroupVersion.WithKind("FleetNodePool"): pools,
	}}
	check, err := Synced(context.Background(), objects)
	if err != nil {
		t.Fatal(err)
	}
	if check(nil) == nil {
		t.Error("ready without any node or pool")
	}
	nodes.Synced()
	if check(nil) == nil {
		t.Error("ready without any pool")
	}
	pools.Synced()
	if err := check(nil); err != nil {
		t.Error(err)
	}
}

// The cached node is all that the controllers see: what they decide by must be in it.
func TestACachedNodeDecidesAsTheWholeOne(t *testing.T) {
	node := machine("t-01", map[string]string{"a": "b"}, corev1.Taint{Key: "k", Effect: corev1.TaintEffectNoSchedule})
	node.ResourceVersion, node.UID = "7", "uid"
	node.Annotations = map[string]string{Capacity: "{}", "other": "x"}
	node.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubelet"}}
	node.Status.Images = make([]corev1.ContainerImage, 50)
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeDiskPressure}, {Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	cached, err := withoutUnread(node)
	if err != nil {
		t.Fatal(err)
	}
	slim := cached.(*corev1.Node)
	if !stateOf(slim).equal(stateOf(node)) || !ready(slim) || slim.Name != "t-01" || slim.ResourceVersion != "7" || slim.UID != "uid" {
		t.Errorf("got %+v", slim)
	}
	if len(slim.Annotations) != 1 || slim.ManagedFields != nil || slim.Status.Images != nil || len(slim.Status.Conditions) != 1 {
		t.Error("keeps what nothing reads")
	}
}
