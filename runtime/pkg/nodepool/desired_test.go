package nodepool

import (
	"math/rand"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

func pool(stated map[string]string, taints ...v1alpha1.Taint) *v1alpha1.NodePool {
	return &v1alpha1.NodePool{ObjectMeta: metav1.ObjectMeta{Name: "tokyo-gw"}, Spec: v1alpha1.NodePoolSpec{Labels: stated, Taints: taints}}
}

func mustApply(t *testing.T, node *corev1.Node, to *v1alpha1.NodePool) bool {
	t.Helper()
	changed, err := apply(node, to)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := apply(node, to); again {
		t.Error("a second time changes something")
	}
	return changed
}

func TestLabels(t *testing.T) {
	stated := map[string]string{labels.EdgeRegion: "tokyo", "example.com/rack": "7"}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n", Labels: map[string]string{
		labels.EdgeRegion: "osaka", labels.DiskType: "ssd", "theirs": "stays", "kubernetes.io/hostname": "n",
	}}}
	if !mustApply(t, node, pool(stated)) {
		t.Error("nothing changed")
	}
	want := map[string]string{labels.EdgeRegion: "tokyo", "example.com/rack": "7", "theirs": "stays", "kubernetes.io/hostname": "n"}
	if !mapsEqual(node.Labels, want) {
		t.Errorf("got %v: a claimed key of ours goes, others' stay", node.Labels)
	}
	mustApply(t, node, pool(map[string]string{labels.EdgeRegion: "tokyo"}))
	if _, still := node.Labels["example.com/rack"]; still {
		t.Error("a label that is no longer stated stays")
	}
}

func TestTaintsOfOthersStayInOrder(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	keys := []string{"a", "b", "c", "d", "node.kubernetes.io/not-ready"}
	effects := []corev1.TaintEffect{corev1.TaintEffectNoSchedule, corev1.TaintEffectNoExecute}
	for range 2000 {
		node := &corev1.Node{}
		var first, second []v1alpha1.Taint
		for _, key := range keys {
			for _, effect := range effects {
				switch random.Intn(4) {
				case 0:
					node.Spec.Taints = append(node.Spec.Taints, corev1.Taint{Key: key, Value: "theirs", Effect: effect})
				case 1:
					first = append(first, v1alpha1.Taint{Key: key, Value: "1", Effect: effect})
				case 2:
					second = append(second, v1alpha1.Taint{Key: key, Value: "2", Effect: effect})
				}
			}
		}
		theirs := taintIDs(node.Spec.Taints)
		mustApply(t, node, pool(nil, first...))
		mustApply(t, node, pool(nil, second...))
		var rest []corev1.Taint
		for _, taint := range node.Spec.Taints {
			ours := slices.ContainsFunc(second, func(s v1alpha1.Taint) bool { return s.Key == taint.Key && s.Effect == taint.Effect })
			if !ours {
				rest = append(rest, taint)
			}
		}
		if !slices.Equal(taintIDs(rest), theirs) {
			t.Fatalf("theirs were %v and are %v", theirs, taintIDs(rest))
		}
		if len(node.Spec.Taints) != len(theirs)+len(second) {
			t.Fatalf("%d taints, want %d", len(node.Spec.Taints), len(theirs)+len(second))
		}
	}
}

func TestStatus(t *testing.T) {
	three := int32(3)
	p := pool(map[string]string{labels.EdgeRegion: "tokyo"})
	p.Spec.Count = &three
	node := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	count(p, []corev1.Node{node})
	got := map[string]metav1.ConditionStatus{}
	for _, condition := range p.Status.Conditions {
		got[condition.Type] = condition.Status
	}
	if got[v1alpha1.Synced] != metav1.ConditionFalse || got[v1alpha1.NodesMissing] != metav1.ConditionTrue || p.Status.Nodes != 1 {
		t.Errorf("%v %+v", got, p.Status)
	}
	if problems(pool(map[string]string{"bad key": "x"})) == nil {
		t.Error("a malformed label was taken")
	}
}
