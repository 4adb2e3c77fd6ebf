package nodepool

import (
	"math/rand"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	kubelet "k8s.io/kubelet/pkg/apis"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// kubeletMayWrite reports whether NodeRestriction allows a kubelet to write a label of its own node. Source: Kubernetes
// 1.36, plugin/pkg/admission/noderestriction, getForbiddenLabels.
func kubeletMayWrite(key string) bool {
	if inDomain(key, corev1.LabelNamespaceNodeRestriction) {
		return false
	}
	return !inKubernetesDomain(key) || kubelet.IsKubeletLabel(key)
}

func TestKubeletCannotWriteTrustedLabels(t *testing.T) {
	for _, key := range []string{labels.ProtectedPool, controlPlaneLabel} {
		if kubeletMayWrite(key) {
			t.Errorf("kubelets may write the trusted label %s", key)
		}
	}
	if !kubeletMayWrite(labels.NodePool) || !kubeletMayWrite("topology.kubernetes.io/region") || !kubeletMayWrite("node.kubernetes.io/x") {
		t.Error("kubeletMayWrite rejects a label that Kubernetes allows")
	}
}

func TestControllerKeepsForeignTaintDespiteNodeAnnotations(t *testing.T) {
	compromised := corev1.Taint{Key: "compromised", Effect: corev1.TaintEffectNoExecute}
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), newNode("t-01", map[string]string{labels.NodePool: "guarded"}, compromised))
	env.settle()
	env.updateNode("t-01", func(node *corev1.Node) {
		node.Annotations = map[string]string{
			"skerry.dev/applied-taints": `[{"key":"compromised","effect":"NoExecute"}]`,
			"skerry.dev/applied-labels": `["kubernetes.io/hostname"]`,
		}
	})
	env.settle()
	if got := taintsOf(env.node("t-01")); !slices.Equal(got, []string{"compromised:NoExecute", "dedicated=iot:NoSchedule"}) {
		t.Errorf("got taints %v", got)
	}
}

func TestControllerKeepsNodeInPoolWhenNodeChangesRegistrationLabel(t *testing.T) {
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), newRegistrationPool("open"), newNode("t-01", map[string]string{labels.NodePool: "guarded"}))
	env.settle()
	for _, relabel := range []func(map[string]string){
		func(nodeLabels map[string]string) { nodeLabels[labels.NodePool] = "open" },
		func(nodeLabels map[string]string) { delete(nodeLabels, labels.NodePool) },
	} {
		env.updateNode("t-01", func(node *corev1.Node) { relabel(node.Labels) })
		env.settle()
		node := env.node("t-01")
		if node.Labels[labels.NodePool] != "guarded" || len(node.Spec.Taints) != 1 || env.pool("open").Status.Nodes != 0 {
			t.Errorf("got labels %v, taints %v and %d nodes in pool open", node.Labels, taintsOf(node), env.pool("open").Status.Nodes)
		}
	}
}

func TestControllerPrefersPoolThatNamesNode(t *testing.T) {
	guarded := newNamesPool("guarded", "t-01")
	guarded.Spec.Taints = []v1alpha1.Taint{iotTaint()}
	env := newEnvironment(t, guarded, newRegistrationPool("open"), newNode("t-01", map[string]string{labels.NodePool: "open"}))
	env.settle()
	if node := env.node("t-01"); poolOf(node) != "guarded" || len(node.Spec.Taints) != 1 {
		t.Errorf("got pool %q and taints %v", poolOf(node), taintsOf(node))
	}
}

// A node keeps its pool, the pool's labels and taints, and foreign taints, for any sequence of writes by its kubelet.
func TestControllerTrustsNoKubeletWrites(t *testing.T) {
	keys := []string{
		labels.NodePool, labels.EdgeRegion, labels.TopologyRegion, labels.ProtectedPool, "tier", "example.com/rack",
		"kubernetes.io/hostname", "node.kubernetes.io/instance-type", controlPlaneLabel, "x.node-restriction.kubernetes.io/y",
	}
	annotations := []string{CapacityAnnotation, "skerry.dev/applied-taints", "skerry.dev/applied-labels"}
	values := []string{"", "guarded", "open", "tokyo", `["a"]`, `[{"key":"compromised","effect":"NoExecute"}]`}
	for seed := range int64(25) {
		random := rand.New(rand.NewSource(seed))
		pick := func(options []string) string { return options[random.Intn(len(options))] }
		guarded := newRegistrationPool("guarded", iotTaint())
		guarded.Spec.Labels[labels.EdgeRegion] = "tokyo"
		env := newEnvironment(t, guarded, newRegistrationPool("open"),
			newNode("t-01", map[string]string{labels.NodePool: "guarded"}, corev1.Taint{Key: "compromised", Effect: corev1.TaintEffectNoExecute}))
		env.settle()
		want := env.node("t-01")
		for range 5 {
			env.updateNode("t-01", func(node *corev1.Node) {
				if key := pick(keys); kubeletMayWrite(key) && random.Intn(3) > 0 {
					node.Labels[key] = pick(values)
				} else if kubeletMayWrite(key) {
					delete(node.Labels, key)
				}
				if node.Annotations == nil {
					node.Annotations = map[string]string{}
				}
				node.Annotations[pick(annotations)] = pick(values)
			})
			if random.Intn(2) == 0 {
				env.settle()
			}
		}
		env.settle()
		got := env.node("t-01")
		if poolOf(got) != "guarded" || !slices.Equal(taintsOf(got), taintsOf(want)) || got.Annotations[CapacityAnnotation] != "" {
			t.Fatalf("seed %d: got pool %q, taints %v, annotations %v", seed, poolOf(got), taintsOf(got), got.Annotations)
		}
		for _, key := range []string{labels.NodePool, labels.EdgeRegion} {
			if got.Labels[key] != want.Labels[key] {
				t.Fatalf("seed %d: got label %s=%q, want %q", seed, key, got.Labels[key], want.Labels[key])
			}
		}
	}
}

func TestControllerLeavesControlPlaneNodesUnchanged(t *testing.T) {
	server := newNode("server-01", map[string]string{controlPlaneLabel: "true", labels.NodePool: "guarded"})
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), server)
	before := env.node("server-01").ResourceVersion
	env.settle()
	if env.node("server-01").ResourceVersion != before {
		t.Error("the controller changed a control-plane node")
	}
}
