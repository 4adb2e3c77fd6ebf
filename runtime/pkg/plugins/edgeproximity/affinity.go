package edgeproximity

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// WithAffinity returns a copy of the pod with its region constraints added to its required node affinity, for upstream's
// plugins: PodTopologySpread counts the nodes that node affinity allows. It returns a pod without limits as is, and never
// changes the given pod.
func (p *Plugin) WithAffinity(pod *corev1.Pod) *corev1.Pod {
	c := parseConstraints(pod)
	if !c.hasRegion() || c.allowsAllNodes() {
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
		*required = &corev1.NodeSelector{NodeSelectorTerms: p.regionTerms(c)}
		return &limited
	}
	var combined []corev1.NodeSelectorTerm
	for _, term := range (*required).NodeSelectorTerms {
		// An empty term matches no node. With our expressions added, it would match some.
		if len(term.MatchExpressions)+len(term.MatchFields) == 0 {
			combined = append(combined, term)
			continue
		}
		for _, region := range p.regionTerms(c) {
			combined = append(combined, corev1.NodeSelectorTerm{
				MatchExpressions: slices.Concat(term.MatchExpressions, region.MatchExpressions), MatchFields: term.MatchFields,
			})
		}
	}
	(*required).NodeSelectorTerms = combined
	return &limited
}

// regionTerms returns node selector terms that match the nodes which Filter accepts. Without terms, no node matches.
func (p *Plugin) regionTerms(c *constraints) []corev1.NodeSelectorTerm {
	regions := c.requiredRegions()
	if c.required == "" {
		regions = append(p.links.Matrix().Regions(), c.near)
	}
	regions = slices.DeleteFunc(regions, func(region string) bool {
		// An invalid label value would make the whole requirement invalid.
		return !p.isWithinBudget(c, region) || len(validation.IsValidLabelValue(region)) > 0
	})
	if len(regions) == 0 {
		return nil
	}
	in := func(key string) corev1.NodeSelectorRequirement {
		return corev1.NodeSelectorRequirement{Key: key, Operator: corev1.NodeSelectorOpIn, Values: regions}
	}
	terms := []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{in(labels.EdgeRegion)}}}
	if c.required == "" {
		terms = append(terms, corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: labels.EdgeRegion, Operator: corev1.NodeSelectorOpDoesNotExist}, in(labels.TopologyRegion),
		}})
	}
	return terms
}
