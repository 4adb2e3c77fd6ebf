package resourceprofile

import (
	"math"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// similarity returns the weighted cosine similarity of a preference and the free resources of a node, from 0 to 1, times the
// fraction of the preference whose dimensions are known:
//
//	Σ w·w·c / √(Σ w·w² · Σ w·c²), over the known dimensions; w is the preference and also the weight, c the free resources
//
// The cosine compares shapes (G. Salton, M. McGill, Introduction to Modern Information Retrieval, 1983). The weights prevent
// dimensions that the workload does not prefer from lowering the score. The similarity is 0 if nothing is free in any
// preferred dimension.
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

// headroomFactor returns 0 if the demand fits once into the free resources, 1 if it fits `headroom` times, and a linear
// interpolation in between. The scarcest dimension decides. The cosine ignores magnitude: without this factor, a tiny node
// of the right shape would win. Dimensions without a demand or a known capability are skipped.
func headroomFactor(demand, free *load.Vector, headroom float64) float64 {
	factor := 1.0
	for d := range load.Dimensions {
		needed, demanded := demand.Get(d)
		amount, known := free.Get(d)
		if demanded && known && needed > 0 {
			factor = min(factor, (amount/needed-1)/(headroom-1))
		}
	}
	return max(0, factor)
}
