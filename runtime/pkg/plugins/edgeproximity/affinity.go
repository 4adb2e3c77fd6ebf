package edgeproximity

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// WithAffinity returns the pod with its regions and its budget stated as required node affinity, which is all that
// upstream's plugins understand: PodTopologySpread counts the nodes that node affinity allows. A pod without such limits
// is returned as it is; none is changed.
func (p *Plugin) WithAffinity(pod *corev1.Pod) *corev1.Pod {
	w := read(pod)
	if !w.asks() || w.anywhere() {
		return pod
	}
	limited := *pod
	limited.Spec.Affinity = limited.Spec.Affinity.DeepCopy()
	if limited.Spec.Affinity == nil {
		limited.Spec.Affinity = &corev1.Affinity{}
	}
	if limited.Spec.Affinity.NodeAffinity == nil {
		limited.Spec.Affinity.NodeAffinity = &corev1.NodeAffinity{}
	}
	required := &limited.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if *required == nil {
		*required = &corev1.NodeSelector{NodeSelectorTerms: p.terms(w)}
		return &limited
	}
	var both []corev1.NodeSelectorTerm
	for _, stated := range (*required).NodeSelectorTerms {
		// An empty term matches no node, and must not become one that does.
		if len(stated.MatchExpressions)+len(stated.MatchFields) == 0 {
			both = append(both, stated)
			continue
		}
		for _, ours := range p.terms(w) {
			both = append(both, corev1.NodeSelectorTerm{
				MatchExpressions: slices.Concat(stated.MatchExpressions, ours.MatchExpressions), MatchFields: stated.MatchFields,
			})
		}
	}
	(*required).NodeSelectorTerms = both
	return &limited
}

// terms that match the nodes Filter allows. No term matches no node.
func (p *Plugin) terms(w *wish) []corev1.NodeSelectorTerm {
	regions := w.allowed()
	if w.required == "" {
		regions = append(p.links.Matrix().Regions(), w.near)
	}
	regions = slices.DeleteFunc(regions, func(region string) bool {
		// A requirement with a value that no label can have is invalid as a whole.
		return !p.within(w, region) || len(validation.IsValidLabelValue(region)) > 0
	})
	if len(regions) == 0 {
		return nil
	}
	in := func(key string) corev1.NodeSelectorRequirement {
		return corev1.NodeSelectorRequirement{Key: key, Operator: corev1.NodeSelectorOpIn, Values: regions}
	}
	terms := []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{in(labels.EdgeRegion)}}}
	if w.required == "" {
		terms = append(terms, corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: labels.EdgeRegion, Operator: corev1.NodeSelectorOpDoesNotExist}, in(labels.TopologyRegion),
		}})
	}
	return terms
}
