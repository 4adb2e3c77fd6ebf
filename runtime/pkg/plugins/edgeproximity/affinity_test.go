package edgeproximity

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// requireTerms sets the required node affinity of a pod.
func requireTerms(pod *corev1.Pod, terms ...corev1.NodeSelectorTerm) *corev1.Pod {
	pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms},
	}}
	return pod
}

func TestWithAffinityMatchesTheNodesThatFilterAccepts(t *testing.T) {
	nodes := []fwk.NodeInfo{
		edge("a", "tokyo"), edge("b", "osaka"), edge("c", "sydney"), cloud("d", "tokyo"), cloud("e", "sydney"), edge("f", "mars"), node("g", nil),
	}
	p := plugin(t, nodes...)
	for _, metadata := range [][]string{
		{"required-region=tokyo"}, {"required-region=tokyo", "fallback-regions=osaka,mars"}, {"required-region=tokyo", "fallback-regions=osaka,sydney", "max-rtt-ms=60"},
		{"required-region=mars", "max-rtt-ms=60"}, {"required-region=atlantis"}, {"required-region=tokyo", "fallback-regions=no label!,osaka"},
		{"near-region=tokyo", "max-rtt-ms=60"}, {"near-region=mars", "max-rtt-ms=60"}, {"near-region=no label!", "max-rtt-ms=60"},
	} {
		constrained := pod(metadata...)
		state := framework.NewCycleState()
		p.constraints.Write(state, parseConstraints(constrained))
		affinity := nodeaffinity.GetRequiredNodeAffinity(p.WithAffinity(constrained))
		for _, info := range nodes {
			want := p.Filter(t.Context(), state, constrained, info).IsSuccess()
			if got, err := affinity.Match(info.Node()); got != want || err != nil {
				t.Errorf("%v on %s: got %v (%v), want %v", metadata, info.Node().Name, got, err, want)
			}
		}
	}
}

func TestWithAffinityKeepsTheAffinityOfThePod(t *testing.T) {
	big := corev1.NodeSelectorRequirement{Key: "size", Operator: corev1.NodeSelectorOpIn, Values: []string{"big"}}
	bigTerm := corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{big}}
	named := corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{
		{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{"c"}},
	}}
	size := func(info fwk.NodeInfo) fwk.NodeInfo {
		info.Node().Labels["size"] = "big"
		return info
	}
	nodes := []fwk.NodeInfo{size(edge("a", "tokyo")), edge("b", "tokyo"), edge("c", "tokyo"), size(edge("d", "osaka"))}
	p := plugin(t, nodes...)
	for name, test := range map[string]struct {
		terms []corev1.NodeSelectorTerm
		want  string
	}{
		"expressions":                  {[]corev1.NodeSelectorTerm{bigTerm}, "a"},
		"either":                       {[]corev1.NodeSelectorTerm{bigTerm, named}, "ac"},
		"a term that matches no node":  {[]corev1.NodeSelectorTerm{{}, named}, "c"},
		"only such a term":             {[]corev1.NodeSelectorTerm{{}}, ""},
		"no term, which matches none,": {nil, ""},
	} {
		original := requireTerms(pod("required-region=tokyo"), test.terms...)
		before := original.DeepCopy()
		affinity, got := nodeaffinity.GetRequiredNodeAffinity(p.WithAffinity(original)), ""
		for _, info := range nodes {
			if match, err := affinity.Match(info.Node()); err != nil {
				t.Fatal(err)
			} else if match {
				got += info.Node().Name
			}
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if !equality.Semantic.DeepEqual(original, before) {
			t.Errorf("%s: the pod was changed", name)
		}
	}
	for _, free := range []*corev1.Pod{pod(), pod("near-region=tokyo"), pod("max-rtt-ms=10")} {
		if p.WithAffinity(free) != free {
			t.Errorf("changed a pod without limits: %v", free.Annotations)
		}
	}
}
