package nodepool

import (
	"slices"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// specKeys returns the keys of the labels and taints in a pool's spec.
func specKeys(spec *v1alpha1.FleetNodePoolSpec) v1alpha1.ManagedKeys {
	var keys v1alpha1.ManagedKeys
	for key := range spec.Labels {
		keys.Labels = append(keys.Labels, key)
	}
	slices.Sort(keys.Labels)
	for _, taint := range spec.Taints {
		keys.Taints = append(keys.Taints, keyOf(taint))
	}
	return keys
}

func keyOf(taint v1alpha1.Taint) v1alpha1.TaintKey {
	return v1alpha1.TaintKey{Key: taint.Key, Effect: taint.Effect}
}

// withSpecKeys returns a copy of the managed keys that also contains the keys in the pool's spec.
func withSpecKeys(managed v1alpha1.ManagedKeys, spec *v1alpha1.FleetNodePoolSpec) v1alpha1.ManagedKeys {
	current, all := specKeys(spec), *managed.DeepCopy()
	for _, key := range current.Labels {
		if !slices.Contains(all.Labels, key) {
			all.Labels = append(all.Labels, key)
		}
	}
	for _, taint := range current.Taints {
		if !slices.Contains(all.Taints, taint) {
			all.Taints = append(all.Taints, taint)
		}
	}
	return all
}

// hasRecordedKeys reports whether the pool's status records every key in its spec. Nodes must not be changed before.
func hasRecordedKeys(pool *v1alpha1.FleetNodePool) bool {
	all := withSpecKeys(pool.Status.ManagedKeys, &pool.Spec)
	return len(all.Labels) == len(pool.Status.ManagedKeys.Labels) && len(all.Taints) == len(pool.Status.ManagedKeys.Taints)
}

// hasStaleKeys reports whether the pool's status records keys that are no longer in its spec.
func hasStaleKeys(pool *v1alpha1.FleetNodePool) bool {
	current := specKeys(&pool.Spec)
	return len(pool.Status.ManagedKeys.Labels) > len(current.Labels) || len(pool.Status.ManagedKeys.Taints) > len(current.Taints)
}
