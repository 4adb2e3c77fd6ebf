package resourceprofile

import (
	"math"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// similarity is the weighted cosine between a preference and what a node has free, 0 to 1, times the share of the
// preference that is about known dimensions:
//
//	Σ w·w·c / √(Σ w·w² · Σ w·c²), over the known dimensions; w the preference, which is also the weight
//
// The cosine compares shapes (G. Salton, M. McGill, Introduction to Modern Information Retrieval, 1983); the weights
// keep dimensions that the workload does not care for from counting against a node. A node with nothing free in any
// dimension that counts has no shape: 0.
func similarity(preference Preference, free *load.Vector) float64 {
	var dot, preferred, offered, known float64
	for d, weight := range preference {
		if amount, ok := free.Get(load.Dimension(d)); ok {
			dot += weight * weight * amount
			preferred += weight * weight * weight
			offered += weight * amount * amount
			known += weight
		}
	}
	if dot <= 0 {
		return 0
	}
	return known * min(1, dot/math.Sqrt(preferred*offered))
}

// gate is 0 where the demand fits but once into what is free, 1 where it fits `headroom` times, and linear in between;
// the narrowest dimension decides. A cosine ignores magnitude: without the gate, a tiny node of the right shape would
// win. A demand that nobody stated, or capability that nobody knows, does not narrow.
func gate(demand, free *load.Vector, headroom float64) float64 {
	open := 1.0
	for d := range load.Dimensions {
		wanted, stated := demand.Get(d)
		amount, known := free.Get(d)
		if stated && known && wanted > 0 {
			open = min(open, (amount/wanted-1)/(headroom-1))
		}
	}
	return max(0, open)
}
