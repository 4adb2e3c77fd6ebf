package nodepool

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// Reasons of the condition Synced.
const (
	asStated    = "AsStated"
	nodesBehind = "NodesBehind"
)

// count writes into a pool's status how its nodes stand.
func count(pool *v1alpha1.FleetNodePool, nodes []corev1.Node, roster *roster) {
	status := &pool.Status
	status.ObservedGeneration, status.Nodes, status.Ready = pool.Generation, 0, 0
	behind, present := 0, map[string]bool{}
	var servers, contested []string
	for i := range nodes {
		node := &nodes[i]
		claimants := roster.claimants(node)
		if !slices.Contains(claimants, pool.Name) {
			continue
		}
		switch {
		case isServer(node):
			servers = append(servers, node.Name)
			continue
		case len(claimants) > 1:
			contested = append(contested, node.Name)
		case !stateOf(node).in(pool).equal(stateOf(node)):
			behind++
		}
		present[node.Name] = true
		status.Nodes++
		if ready(node) {
			status.Ready++
		}
	}
	set := func(kind string, holds metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: kind, Status: holds, Reason: reason, Message: message, ObservedGeneration: pool.Generation,
		})
	}
	switch invalid := problems(pool); {
	case len(invalid) > 0:
		messages := make([]string, len(invalid))
		for i, problem := range invalid {
			messages[i] = problem.Error()
		}
		set(v1alpha1.Synced, metav1.ConditionFalse, "Invalid", list(messages, "; "))
	case len(servers) > 0:
		set(v1alpha1.Synced, metav1.ConditionFalse, "ServersClaimed", "control-plane nodes must not be in a pool: "+list(servers, ", "))
	case len(contested) > 0:
		set(v1alpha1.Synced, metav1.ConditionFalse, "ClaimedTwice", "another pool claims the same nodes: "+list(contested, ", "))
	case behind > 0:
		set(v1alpha1.Synced, metav1.ConditionFalse, nodesBehind, fmt.Sprintf("%d of %d nodes are not yet as stated", behind, status.Nodes))
	default:
		set(v1alpha1.Synced, metav1.ConditionTrue, asStated, "every node is as stated")
	}
	if missing := missingNodes(pool, present); len(missing) > 0 {
		set(v1alpha1.NodesMissing, metav1.ConditionTrue, "NotThere", list(missing, ", "))
	} else {
		set(v1alpha1.NodesMissing, metav1.ConditionFalse, "AllThere", "no node is missing")
	}
}

func missingNodes(pool *v1alpha1.FleetNodePool, present map[string]bool) []string {
	var missing []string
	for _, name := range pool.Spec.Selector.Names {
		if !present[name] {
			missing = append(missing, name)
		}
	}
	if wanted := pool.Spec.Count; len(missing) == 0 && wanted != nil && len(present) < int(*wanted) {
		missing = append(missing, fmt.Sprintf("%d of %d nodes", int(*wanted)-len(present), *wanted))
	}
	return missing
}
