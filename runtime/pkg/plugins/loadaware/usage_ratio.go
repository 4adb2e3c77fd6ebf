package loadaware

import (
	"math"
	"sync"
)

// usageRatio is the ratio of CPU usage to CPU requests over all pods of the cluster. It is the slope of the change in usage
// over the change in requests between consecutive samples of a node, because the rest of a node's load changes little and
// randomly in between: least squares through the origin, with exponentially decaying weights. The ratio affects scores
// only, because it is not a fact about a node. The weight and the deviation of each change are bounded, so that one outlier
// has little effect.
type usageRatio struct {
	mutex             sync.Mutex
	products, squares float64
}

const (
	// decay is the factor by which each observation reduces the weights of earlier ones: a half-life of 693 observations.
	decay = 0.999
	// priorWeight is the weight of the assumption that pods use what they request. It is also the maximum weight of one
	// observation: that of a change of one requested core.
	priorWeight = 1.0
	// maxDeviation is the maximum difference of an observation from the current ratio, as a multiple of it.
	maxDeviation = 2.0
	// The ratio stays between minRatio and maxRatio.
	minRatio, maxRatio = 0.1, 10.0
)

// learn adds an observation: a change in requested cores and the change in usage, in normalized cores. meanSpeed is the mean
// core speed.
func (r *usageRatio) learn(requested, used, meanSpeed float64) {
	if requested == 0 {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	current := r.value(meanSpeed)
	observed := min((1+maxDeviation)*current, max((1-maxDeviation)*current, used/requested))
	weight := min(priorWeight, requested*requested)
	r.products = decay*r.products + weight*observed
	r.squares = decay*r.squares + weight
}

// perRequestedCore returns the estimated usage of a requested core, in normalized cores.
func (r *usageRatio) perRequestedCore(meanSpeed float64) float64 {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.value(meanSpeed)
}

func (r *usageRatio) value(meanSpeed float64) float64 {
	return math.Min(maxRatio*meanSpeed, math.Max(minRatio*meanSpeed, (r.products+priorWeight*meanSpeed)/(r.squares+priorWeight)))
}
