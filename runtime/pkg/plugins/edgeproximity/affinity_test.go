package edgeproximity

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
)

// requiring node affinity that any of the terms matches.
func requiring(pod *corev1.Pod, terms ...corev1.NodeSelectorTerm) *corev1.Pod {
	pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms},
	}}
	return pod
}

func TestAffinityMatchesTheNodesThatFilterAllows(t *testing.T) {
	nodes := []fwk.NodeInfo{
		edge("a", "tokyo"), edge("b", "osaka"), edge("c", "sydney"), cloud("d", "tokyo"), cloud("e", "sydney"), edge("f", "mars"), node("g", nil),
	}
	p := plugin(t, nodes...)
	for _, says := range [][]string{
		{"required-region=tokyo"}, {"required-region=tokyo", "fallback-regions=osaka,mars"}, {"required-region=tokyo", "fallback-regions=osaka,sydney", "max-rtt-ms=60"},
		{"required-region=mars", "max-rtt-ms=60"}, {"required-region=atlantis"}, {"required-region=tokyo", "fallback-regions=no label!,osaka"},
		{"near-region=tokyo", "max-rtt-ms=60"}, {"near-region=mars", "max-rtt-ms=60"}, {"near-region=no label!", "max-rtt-ms=60"},
	} {
		each := pod(says...)
		state := framework.NewCycleState()
		p.wishes.Write(state, read(each))
		affinity := nodeaffinity.GetRequiredNodeAffinity(p.WithAffinity(each))
		for _, info := range nodes {
			want := p.Filter(t.Context(), state, each, info).IsSuccess()
			if got, err := affinity.Match(info.Node()); got != want || err != nil {
				t.Errorf("%v on %s: got %v (%v), want %v", says, info.Node().Name, got, err, want)
			}
		}
	}
}

func TestAffinityIsAddedToWhatThePodStates(t *testing.T) {
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
	for name, each := range map[string]struct {
		terms []corev1.NodeSelectorTerm
		want  string
	}{
		"expressions":                  {[]corev1.NodeSelectorTerm{bigTerm}, "a"},
		"either":                       {[]corev1.NodeSelectorTerm{bigTerm, named}, "ac"},
		"a term that matches no node":  {[]corev1.NodeSelectorTerm{{}, named}, "c"},
		"only such a term":             {[]corev1.NodeSelectorTerm{{}}, ""},
		"no term, which matches none,": {nil, ""},
	} {
		stated := requiring(pod("required-region=tokyo"), each.terms...)
		before := stated.DeepCopy()
		affinity, got := nodeaffinity.GetRequiredNodeAffinity(p.WithAffinity(stated)), ""
		for _, info := range nodes {
			if match, err := affinity.Match(info.Node()); err != nil {
				t.Fatal(err)
			} else if match {
				got += info.Node().Name
			}
		}
		if got != each.want {
			t.Errorf("%s: got %q, want %q", name, got, each.want)
		}
		if !equality.Semantic.DeepEqual(stated, before) {
			t.Errorf("%s: the pod was changed", name)
		}
	}
	for _, free := range []*corev1.Pod{pod(), pod("near-region=tokyo"), pod("max-rtt-ms=10")} {
		if p.WithAffinity(free) != free {
			t.Errorf("a pod without limits got some: %v", free.Annotations)
		}
	}
}
