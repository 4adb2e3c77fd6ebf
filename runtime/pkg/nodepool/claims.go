package nodepool

import (
	"context"
	"slices"
	"sort"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

const controlPlane = "node-role.kubernetes.io/control-plane"

// claims tells whether a pool says that a node is its own.
func claims(pool *v1alpha1.NodePool, node *corev1.Node) bool {
	if by := pool.Spec.Selector.RegistrationLabel; by != nil {
		return node.Labels[by.Key] == by.Value
	}
	return slices.Contains(pool.Spec.Selector.Names, node.Name)
}

// claimants lists the pools that claim a node, by name.
func claimants(ctx context.Context, reader client.Reader, node *corev1.Node) ([]v1alpha1.NodePool, error) {
	var pools v1alpha1.NodePoolList
	if err := reader.List(ctx, &pools); err != nil {
		return nil, err
	}
	var found []v1alpha1.NodePool
	for _, pool := range pools.Items {
		if claims(&pool, node) {
			found = append(found, pool)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}

// members lists the nodes that a pool claims. Registration labels are looked up by the cache's index.
func members(ctx context.Context, reader client.Reader, pool *v1alpha1.NodePool) ([]corev1.Node, error) {
	var nodes corev1.NodeList
	var options []client.ListOption
	if by := pool.Spec.Selector.RegistrationLabel; by != nil {
		options = append(options, client.MatchingLabels{by.Key: by.Value})
	}
	if err := reader.List(ctx, &nodes, options...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(nodes.Items, func(node corev1.Node) bool { return !claims(pool, &node) }), nil
}
