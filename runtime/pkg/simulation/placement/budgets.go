package placement

import (
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// budgets are the PodDisruptionBudgets, whose status says whether preemption disturbs them.
type budgets struct{ stale bool }

// refreshBudgets does what the disruption controller does. Every pod changes the result and only preemption looks at it, so
// this waits for preemption.
func (c *cluster) refreshBudgets() {
	budgets := store.List[*policyv1.PodDisruptionBudget](c.store)
	if !c.budgets.stale || len(budgets) == 0 {
		return
	}
	c.budgets.stale = false
	pods := map[string][]*pod{}
	for _, each := range c.pods {
		pods[each.object.Namespace] = append(pods[each.object.Namespace], each)
	}
	for _, budget := range budgets {
		allowed := disruptionsAllowed(budget, pods[budget.Namespace])
		if budget.Status.DisruptionsAllowed != allowed {
			changed := budget.DeepCopy()
			changed.Status.DisruptionsAllowed = allowed
			c.store.Put(changed)
		}
	}
}

// disruptionsAllowed by a budget, given the pods of its namespace.
func disruptionsAllowed(budget *policyv1.PodDisruptionBudget, pods []*pod) int32 {
	selector, err := metav1.LabelSelectorAsSelector(budget.Spec.Selector)
	if err != nil {
		return 0
	}
	expected, healthy := 0, 0
	counted := map[*workload]bool{}
	for _, each := range pods {
		if !selector.Matches(labels.Set(each.object.Labels)) {
			continue
		}
		if each.available() {
			healthy++
		}
		switch {
		case each.owner == nil:
			expected++
		case !counted[each.owner]:
			counted[each.owner] = true
			expected += each.owner.desired()
		}
	}
	needed := 0
	switch {
	case budget.Spec.MinAvailable != nil:
		needed, _ = intstr.GetScaledValueFromIntOrPercent(budget.Spec.MinAvailable, expected, true)
	case budget.Spec.MaxUnavailable != nil:
		unavailable, _ := intstr.GetScaledValueFromIntOrPercent(budget.Spec.MaxUnavailable, expected, true)
		needed = expected - unavailable
	}
	return int32(max(0, healthy-needed))
}
