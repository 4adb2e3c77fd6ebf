package loadaware

import "sync"

// habit is what pods use of what they request, learned from how usage moves when pods come and go: between one sample
// and the next, a node's own load changes little and by chance, so the slope of the change in usage over the change in
// requests is what a requested core is worth (least squares through the origin, older evidence counting less). Usage is
// counted in work: a slow core is in use for longer.
type habit struct {
	mutex  sync.Mutex
	cores  slope
	memory slope
}

type slope struct{ products, squares float64 }

const (
	// forget is what each sample leaves of the evidence before it.
	forget = 0.999
	// Until pods of about a core, and of a gigabyte, have come and gone, a request is taken at its word.
	coresPrior, bytesPrior = 1.0, 1e18
	// Whatever is found, requests are believed to be right within a factor of ten.
	leastHabit, mostHabit = 0.1, 10.0
)

func (s *slope) learn(requested, used float64) {
	s.products = forget*s.products + requested*used
	s.squares = forget*s.squares + requested*requested
}

// value for a start at `word`, what a request means if it is taken at its word.
func (s *slope) value(prior, word float64) float64 {
	return min(mostHabit*word, max(leastHabit*word, (s.products+prior*word)/(s.squares+prior)))
}

// learn from the change between two samples of a node.
func (h *habit) learn(requested, used usage) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.cores.learn(requested.cores, used.cores)
	h.memory.learn(requested.bytes, used.bytes)
}

// factors by which requests are multiplied to get usage; speed is an average core's.
func (h *habit) factors(speed float64) usage {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return usage{h.cores.value(coresPrior, speed), h.memory.value(bytesPrior, 1)}
}
