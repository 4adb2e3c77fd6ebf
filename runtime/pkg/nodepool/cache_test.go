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

func TestCacheCheckerFailsUntilAllCachesAreSynced(t *testing.T) {
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
	check, err := NewCacheChecker(context.Background(), objects)
	if err != nil {
		t.Fatal(err)
	}
	if check(nil) == nil {
		t.Error("check passed before any cache synced")
	}
	nodes.Synced()
	if check(nil) == nil {
		t.Error("check passed before the pool cache synced")
	}
	pools.Synced()
	if err := check(nil); err != nil {
		t.Errorf("check failed after all caches synced: %v", err)
	}
}

func TestTrimNodeKeepsFieldsInUse(t *testing.T) {
	node := newNode("t-01", map[string]string{"a": "b"}, corev1.Taint{Key: "k", Effect: corev1.TaintEffectNoSchedule})
	node.ResourceVersion, node.UID = "7", "uid"
	node.Annotations = map[string]string{CapacityAnnotation: "{}", "other": "x"}
	node.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "kubelet"}}
	node.Status.Images = make([]corev1.ContainerImage, 50)
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeDiskPressure}, {Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	cached, err := trimNode(node)
	if err != nil {
		t.Fatal(err)
	}
	trimmed := cached.(*corev1.Node)
	if !nodeStateOf(trimmed).equal(nodeStateOf(node)) || !IsReady(trimmed) || trimmed.Name != "t-01" || trimmed.ResourceVersion != "7" || trimmed.UID != "uid" {
		t.Errorf("trimmed node lacks fields in use: %+v", trimmed)
	}
	if len(trimmed.Annotations) != 1 || trimmed.ManagedFields != nil || trimmed.Status.Images != nil || len(trimmed.Status.Conditions) != 1 {
		t.Errorf("trimmed node keeps unused fields: %+v", trimmed)
	}
}
