package nodepool

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// setStatus sets the node counts and conditions in a pool's status.
func setStatus(pool *v1alpha1.FleetNodePool, nodes []corev1.Node, roster *roster) {
	status := &pool.Status
	status.ObservedGeneration, status.Nodes, status.ReadyNodes = pool.Generation, 0, 0
	outOfDate, present := 0, map[string]bool{}
	var controlPlane, contested []string
	for i := range nodes {
		node := &nodes[i]
		pools := roster.poolsSelecting(node)
		if !slices.Contains(pools, pool.Name) {
			continue
		}
		switch {
		case isControlPlane(node):
			controlPlane = append(controlPlane, node.Name)
			continue
		case len(pools) > 1:
			contested = append(contested, node.Name)
		case !nodeStateOf(node).withPool(pool).equal(nodeStateOf(node)):
			outOfDate++
		}
		present[node.Name] = true
		status.Nodes++
		if IsReady(node) {
			status.ReadyNodes++
		}
	}
	set := func(conditionType string, conditionStatus metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: conditionType, Status: conditionStatus, Reason: reason, Message: message, ObservedGeneration: pool.Generation,
		})
	}
	switch errs := validatePool(pool); {
	case len(errs) > 0:
		messages := make([]string, len(errs))
		for i, err := range errs {
			messages[i] = err.Error()
		}
		set(v1alpha1.Synced, metav1.ConditionFalse, reasonInvalidSpec, joinLimited(messages, "; "))
	case len(controlPlane) > 0:
		set(v1alpha1.Synced, metav1.ConditionFalse, reasonControlPlaneSelected,
			"a pool must not select control-plane nodes: "+joinLimited(controlPlane, ", "))
	case len(contested) > 0:
		set(v1alpha1.Synced, metav1.ConditionFalse, reasonPoolConflict, "another pool selects the same nodes: "+joinLimited(contested, ", "))
	case outOfDate > 0:
		set(v1alpha1.Synced, metav1.ConditionFalse, reasonNodesOutOfDate,
			fmt.Sprintf("%d of %d nodes do not match the pool yet", outOfDate, status.Nodes))
	default:
		set(v1alpha1.Synced, metav1.ConditionTrue, reasonNodesUpToDate, "all nodes match the pool")
	}
	if message := missingNodes(pool, present); message != "" {
		set(v1alpha1.NodesMissing, metav1.ConditionTrue, reasonNodesMissing, message)
	} else {
		set(v1alpha1.NodesMissing, metav1.ConditionFalse, reasonNodesPresent, "no nodes are missing")
	}
}

// missingNodes describes the nodes that a pool expects and that do not exist. It returns "" if there are none.
func missingNodes(pool *v1alpha1.FleetNodePool, present map[string]bool) string {
	var missing []string
	for _, name := range pool.Spec.Selector.Names {
		if !present[name] {
			missing = append(missing, name)
		}
	}
	switch desired := pool.Spec.Count; {
	case len(missing) > 0:
		return "nodes not found: " + joinLimited(missing, ", ")
	case desired != nil && len(present) < int(*desired):
		return fmt.Sprintf("%d of %d nodes exist", len(present), *desired)
	}
	return ""
}
