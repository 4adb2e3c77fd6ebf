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

// mayWrite tells whether NodeRestriction lets a kubelet write a label of its own node. Source: Kubernetes 1.36,
// plugin/pkg/admission/noderestriction, getForbiddenLabels.
func mayWrite(key string) bool {
	if within(key, corev1.LabelNamespaceNodeRestriction) {
		return false
	}
	return !inKubernetesDomain(key) || kubelet.IsKubeletLabel(key)
}

func TestAKubeletCannotWriteTheLabelsThatAreTrusted(t *testing.T) {
	for _, key := range []string{labels.ProtectedPool, controlPlane} {
		if mayWrite(key) {
			t.Errorf("a kubelet may write %s", key)
		}
	}
	if !mayWrite(labels.NodePool) || !mayWrite("topology.kubernetes.io/region") || !mayWrite("node.kubernetes.io/x") {
		t.Error("the test forbids what Kubernetes allows")
	}
}

func TestANodeCannotHaveATaintRemoved(t *testing.T) {
	compromised := corev1.Taint{Key: "compromised", Effect: corev1.TaintEffectNoExecute}
	w := newWorld(t, registering("guarded", iot()), machine("t-01", map[string]string{labels.NodePool: "guarded"}, compromised))
	w.settle()
	w.change("t-01", func(node *corev1.Node) {
		node.Annotations = map[string]string{
			"skerry.dev/applied-taints": `[{"key":"compromised","effect":"NoExecute"}]`,
			"skerry.dev/applied-labels": `["kubernetes.io/hostname"]`,
		}
	})
	w.settle()
	if got := taintsOf(w.node("t-01")); !slices.Equal(got, []string{"compromised:NoExecute", "dedicated=iot:NoSchedule"}) {
		t.Errorf("got %v", got)
	}
}

func TestANodeCannotLeaveItsPoolByRelabellingItself(t *testing.T) {
	w := newWorld(t, registering("guarded", iot()), registering("open"), machine("t-01", map[string]string{labels.NodePool: "guarded"}))
	w.settle()
	for _, relabel := range []func(map[string]string){
		func(has map[string]string) { has[labels.NodePool] = "open" },
		func(has map[string]string) { delete(has, labels.NodePool) },
	} {
		w.change("t-01", func(node *corev1.Node) { relabel(node.Labels) })
		w.settle()
		node := w.node("t-01")
		if node.Labels[labels.NodePool] != "guarded" || len(node.Spec.Taints) != 1 || w.pool("open").Status.Nodes != 0 {
			t.Errorf("labels %v, taints %v, open has %d", node.Labels, taintsOf(node), w.pool("open").Status.Nodes)
		}
	}
}

func TestANodeThatAPoolNamesCannotJoinAnother(t *testing.T) {
	guarded := naming("guarded", "t-01")
	guarded.Spec.Taints = []v1alpha1.Taint{iot()}
	w := newWorld(t, guarded, registering("open"), machine("t-01", map[string]string{labels.NodePool: "open"}))
	w.settle()
	if node := w.node("t-01"); bound(node) != "guarded" || len(node.Spec.Taints) != 1 {
		t.Errorf("bound to %q with %v", bound(node), taintsOf(node))
	}
}

// Whatever a kubelet writes, its node keeps its pool, the pool's labels and taints, and the taints of others.
func TestNothingThatAKubeletWritesIsTrusted(t *testing.T) {
	keys := []string{
		labels.NodePool, labels.EdgeRegion, labels.TopologyRegion, labels.ProtectedPool, "tier", "example.com/rack",
		"kubernetes.io/hostname", "node.kubernetes.io/instance-type", controlPlane, "x.node-restriction.kubernetes.io/y",
	}
	annotations := []string{Capacity, "skerry.dev/applied-taints", "skerry.dev/applied-labels"}
	values := []string{"", "guarded", "open", "tokyo", `["a"]`, `[{"key":"compromised","effect":"NoExecute"}]`}
	for seed := range int64(25) {
		random := rand.New(rand.NewSource(seed))
		pick := func(of []string) string { return of[random.Intn(len(of))] }
		guarded := registering("guarded", iot())
		guarded.Spec.Labels[labels.EdgeRegion] = "tokyo"
		w := newWorld(t, guarded, registering("open"),
			machine("t-01", map[string]string{labels.NodePool: "guarded"}, corev1.Taint{Key: "compromised", Effect: corev1.TaintEffectNoExecute}))
		w.settle()
		want := w.node("t-01")
		for range 5 {
			w.change("t-01", func(node *corev1.Node) {
				if key := pick(keys); mayWrite(key) && random.Intn(3) > 0 {
					node.Labels[key] = pick(values)
				} else if mayWrite(key) {
					delete(node.Labels, key)
				}
				if node.Annotations == nil {
					node.Annotations = map[string]string{}
				}
				node.Annotations[pick(annotations)] = pick(values)
			})
			if random.Intn(2) == 0 {
				w.settle()
			}
		}
		w.settle()
		got := w.node("t-01")
		if bound(got) != "guarded" || !slices.Equal(taintsOf(got), taintsOf(want)) || got.Annotations[Capacity] != "" {
			t.Fatalf("seed %d: bound to %q, taints %v, annotations %v", seed, bound(got), taintsOf(got), got.Annotations)
		}
		for _, key := range []string{labels.NodePool, labels.EdgeRegion} {
			if got.Labels[key] != want.Labels[key] {
				t.Fatalf("seed %d: label %s is %q", seed, key, got.Labels[key])
			}
		}
	}
}

func TestServersStayAsTheyAre(t *testing.T) {
	server := machine("server-01", map[string]string{controlPlane: "true", labels.NodePool: "guarded"})
	w := newWorld(t, registering("guarded", iot()), server)
	before := w.node("server-01").ResourceVersion
	w.settle()
	if w.node("server-01").ResourceVersion != before {
		t.Error("a server was changed")
	}
}
