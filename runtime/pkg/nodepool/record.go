package nodepool

import (
	"slices"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// stated is what a pool states, as the record of what was applied has it.
func stated(spec *v1alpha1.FleetNodePoolSpec) v1alpha1.Applied {
	var all v1alpha1.Applied
	for key := range spec.Labels {
		all.Labels = append(all.Labels, key)
	}
	slices.Sort(all.Labels)
	for _, taint := range spec.Taints {
		all.Taints = append(all.Taints, keyOf(taint))
	}
	return all
}

func keyOf(taint v1alpha1.Taint) v1alpha1.TaintKey {
	return v1alpha1.TaintKey{Key: taint.Key, Effect: taint.Effect}
}

// extended is a record with what a pool states now.
func extended(record v1alpha1.Applied, spec *v1alpha1.FleetNodePoolSpec) v1alpha1.Applied {
	now, all := stated(spec), *record.DeepCopy()
	for _, key := range now.Labels {
		if !slices.Contains(all.Labels, key) {
			all.Labels = append(all.Labels, key)
		}
	}
	for _, taint := range now.Taints {
		if !slices.Contains(all.Taints, taint) {
			all.Taints = append(all.Taints, taint)
		}
	}
	return all
}

// recorded tells whether everything that a pool states is in its record, so that nodes may be changed.
func recorded(pool *v1alpha1.FleetNodePool) bool {
	all := extended(pool.Status.Applied, &pool.Spec)
	return len(all.Labels) == len(pool.Status.Applied.Labels) && len(all.Taints) == len(pool.Status.Applied.Taints)
}

// retired tells whether a record holds more than its pool states.
func retired(pool *v1alpha1.FleetNodePool) bool {
	now := stated(&pool.Spec)
	return len(pool.Status.Applied.Labels) > len(now.Labels) || len(pool.Status.Applied.Taints) > len(now.Taints)
}
