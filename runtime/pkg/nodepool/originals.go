package nodepool

import (
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// originalsOf returns what the status of a pool records about a node, or nil if there is nothing to restore.
func originalsOf(pool *v1alpha1.FleetNodePool, node string) *v1alpha1.Originals {
	index := slices.IndexFunc(pool.Status.Originals, func(o v1alpha1.Originals) bool { return slices.Contains(o.Nodes, node) })
	if index < 0 {
		return nil
	}
	return &pool.Status.Originals[index]
}

// withOriginals sets the recorded labels and taints of a node whose keys the pool no longer sets.
func (s nodeState) withOriginals(pool *v1alpha1.FleetNodePool, keep v1alpha1.FleetNodePoolSpec) nodeState {
	originals := originalsOf(pool, s.name)
	if originals == nil {
		return s
	}
	for key, value := range originals.Labels {
		if _, ok := keep.Labels[key]; !ok {
			s.labels[key] = string(value)
		}
	}
	for _, taint := range originals.Taints {
		sameKey := func(t v1alpha1.Taint) bool { return t.Key == taint.Key && t.Effect == taint.Effect }
		onNode := func(t corev1.Taint) bool { return t.Key == taint.Key && t.Effect == taint.Effect }
		if !slices.ContainsFunc(keep.Taints, sameKey) && !slices.ContainsFunc(s.taints, onNode) {
			s.taints = append(s.taints, corev1.Taint{Key: taint.Key, Value: taint.Value, Effect: taint.Effect})
		}
	}
	return s
}

// replacedBy returns the labels and taints of a node that a pool would change or remove, without those under keys that the
// pool already manages.
func (s nodeState) replacedBy(pool *v1alpha1.FleetNodePool, managed v1alpha1.ManagedKeys) v1alpha1.Originals {
	replaced := v1alpha1.Originals{Labels: map[string]v1alpha1.LabelValue{}}
	for _, key := range slices.Concat(slices.Collect(maps.Keys(pool.Spec.Labels)), unsetLabels(pool)) {
		if value, ok := s.labels[key]; ok && !slices.Contains(managed.Labels, key) {
			replaced.Labels[key] = v1alpha1.LabelValue(value)
		}
	}
	// Releasing a node keeps its registration label in any case.
	if label := pool.Spec.Selector.RegistrationLabel; label != nil {
		delete(replaced.Labels, label.Key)
	}
	for _, taint := range s.taints {
		key := v1alpha1.TaintKey{Key: taint.Key, Effect: taint.Effect}
		set := slices.ContainsFunc(pool.Spec.Taints, func(t v1alpha1.Taint) bool { return keyOf(t) == key })
		if set && !slices.Contains(managed.Taints, key) {
			replaced.Taints = append(replaced.Taints, v1alpha1.OriginalTaint{Key: taint.Key, Value: taint.Value, Effect: taint.Effect})
		}
	}
	return replaced
}

// hasRecordedOriginals reports whether a node with this state can join a pool: what the pool replaces must be recorded.
func hasRecordedOriginals(pool *v1alpha1.FleetNodePool, joining nodeState) bool {
	if pool.Spec.ReleasePolicy != v1alpha1.ReleaseRestore {
		return true
	}
	var recorded v1alpha1.Originals
	if found := originalsOf(pool, joining.name); found != nil {
		recorded = *found
	}
	return sameOriginals(recorded, joining.replacedBy(pool, v1alpha1.ManagedKeys{}))
}

func sameOriginals(a, b v1alpha1.Originals) bool {
	return maps.Equal(a.Labels, b.Labels) && slices.Equal(a.Taints, b.Taints)
}

// recordOriginals returns what the nodes of a pool had before the pool changed them. It keeps the record of nodes that
// belong to the pool, and adds labels and taints whose keys have just entered the spec.
func recordOriginals(ctx context.Context, reader client.Reader, pool *v1alpha1.FleetNodePool, nodes []corev1.Node, roster *roster) ([]v1alpha1.Originals, error) {
	if pool.Spec.ReleasePolicy != v1alpha1.ReleaseRestore {
		return nil, nil
	}
	var all []v1alpha1.Originals
	for i := range nodes {
		node := &nodes[i]
		member := poolOf(node) == pool.Name
		if !member && (isControlPlane(node) || !slices.Contains(roster.poolsSelecting(node), pool.Name)) {
			continue
		}
		var originals v1alpha1.Originals
		if member {
			originals = nodeStateOf(node).replacedBy(pool, managedOrUnset(pool))
			if recorded := originalsOf(pool, node.Name); recorded != nil {
				maps.Copy(originals.Labels, recorded.Labels)
				originals.Taints = slices.Concat(recorded.Taints, originals.Taints)
			}
		} else {
			state, err := stateWithoutPool(ctx, reader, node)
			if err != nil {
				return nil, err
			}
			originals = state.replacedBy(pool, v1alpha1.ManagedKeys{})
		}
		all = addOriginals(all, node.Name, originals)
	}
	return all, nil
}

// managedOrUnset returns the keys of a member that do not belong to the node: those that the pool has set or removed.
func managedOrUnset(pool *v1alpha1.FleetNodePool) v1alpha1.ManagedKeys {
	managed := *pool.Status.ManagedKeys.DeepCopy()
	managed.Labels = append(managed.Labels, unsetLabels(pool)...)
	return managed
}

// stateWithoutPool returns the state of a node after it has left its current pool, if any.
func stateWithoutPool(ctx context.Context, reader client.Reader, node *corev1.Node) (nodeState, error) {
	state := nodeStateOf(node)
	if poolOf(node) == "" {
		return state, nil
	}
	var current v1alpha1.FleetNodePool
	if err := reader.Get(ctx, types.NamespacedName{Name: poolOf(node)}, &current); err != nil {
		return state, client.IgnoreNotFound(err)
	}
	return state.withoutPool(&current), nil
}

// addOriginals adds a node to the entry with equal originals.
func addOriginals(all []v1alpha1.Originals, node string, originals v1alpha1.Originals) []v1alpha1.Originals {
	if len(originals.Labels) == 0 && len(originals.Taints) == 0 {
		return all
	}
	for i := range all {
		if sameOriginals(all[i], originals) {
			all[i].Nodes = append(all[i].Nodes, node)
			return all
		}
	}
	originals.Nodes = []string{node}
	return append(all, originals)
}

// withoutStaleKeys drops the originals of keys that the pool no longer manages, so that a later release does not undo what
// others have set since.
func withoutStaleKeys(all []v1alpha1.Originals, pool *v1alpha1.FleetNodePool) []v1alpha1.Originals {
	managed := managedOrUnset(pool)
	var kept []v1alpha1.Originals
	for i := range all {
		originals := *all[i].DeepCopy()
		maps.DeleteFunc(originals.Labels, func(key string, _ v1alpha1.LabelValue) bool { return !slices.Contains(managed.Labels, key) })
		originals.Taints = slices.DeleteFunc(originals.Taints, func(t v1alpha1.OriginalTaint) bool {
			return !slices.Contains(managed.Taints, v1alpha1.TaintKey{Key: t.Key, Effect: t.Effect})
		})
		for _, node := range originals.Nodes {
			kept = addOriginals(kept, node, originals)
		}
	}
	return kept
}
