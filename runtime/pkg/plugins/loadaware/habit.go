package loadaware

import (
	"math"
	"sync"
)

// habit is how much work pods do for a core that they request, learned from how usage moves when pods come and go: between
// one sample and the next, a node's own load changes little and by chance, so the slope of the change in usage over the
// change in requests is what a requested core is worth (least squares through the origin, older evidence counting less).
// It is an estimate over all nodes, so it scores and refuses nothing; and as one node or pod may be far off, each change
// counts for a bounded weight and a bounded distance from what is believed.
type habit struct {
	mutex             sync.Mutex
	products, squares float64
}

const (
	// forget is what each sample leaves of the evidence before it.
	forget = 0.999
	// prior is the weight of taking requests at their word, and the most that one change weighs: that of a core.
	prior = 1.0
	// reach is how far from what is believed a change may count, as a multiple of it.
	reach = 2.0
	// Whatever is found, requests are believed to be right within a factor of ten.
	leastHabit, mostHabit = 0.1, 10.0
)

// learn from the change in requested cores and in work between two samples of a node; word is what a requested core means
// if it is taken at its word.
func (h *habit) learn(requested, used, word float64) {
	if requested == 0 {
		return
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	believed := h.value(word)
	change := min((1+reach)*believed, max((1-reach)*believed, used/requested))
	weight := min(prior, requested*requested)
	h.products = forget*h.products + weight*change
	h.squares = forget*h.squares + weight
}

// perCore is the work of a requested core.
func (h *habit) perCore(word float64) float64 {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.value(word)
}

func (h *habit) value(word float64) float64 {
	return math.Min(mostHabit*word, math.Max(leastHabit*word, (h.products+prior*word)/(h.squares+prior)))
}
