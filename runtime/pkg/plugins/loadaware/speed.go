package loadaware

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// speeds of the nodes' cores. A request is stated in cores, as though all were equal; what a pod does takes a slow core
// longer. So work is counted in seconds of a core of speed 1, and a node without a stated speed gets the mean of those
// that state one.
type speeds struct {
	mutex sync.Mutex
	// sorted are the speeds of the nodes that state one.
	sorted []float64
	// bits of the mean, for those who only read; 0 before any is known.
	bits atomic.Uint64
}

// farOff is how many times the median, or its inverse, a node's speed counts at most in the mean: one wrong statement
// does not move all others.
const farOff = 4

// mean of the nodes whose speed is known; 1 without.
func (s *speeds) mean() float64 {
	if bits := s.bits.Load(); bits != 0 {
		return math.Float64frombits(bits)
	}
	return 1
}

// change what is known of one node; 0 is nothing.
func (s *speeds) change(before, after float64) {
	if before == after {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if before > 0 {
		at, _ := slices.BinarySearch(s.sorted, before)
		s.sorted = slices.Delete(s.sorted, at, at+1)
	}
	if after > 0 {
		at, _ := slices.BinarySearch(s.sorted, after)
		s.sorted = slices.Insert(s.sorted, at, after)
	}
	count := len(s.sorted)
	if count == 0 {
		s.bits.Store(0)
		return
	}
	median, sum := s.sorted[count/2], 0.0
	for _, each := range s.sorted {
		sum += min(farOff*median, max(median/farOff, each))
	}
	s.bits.Store(math.Float64bits(sum / float64(count)))
}
