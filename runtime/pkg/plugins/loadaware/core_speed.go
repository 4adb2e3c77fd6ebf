package loadaware

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// coreSpeeds computes the mean core speed of the nodes whose speed is known. Kubernetes treats all cores as equal, but a slow
// core needs more time for the same work. The plugin therefore counts normalized cores, and assumes the mean speed where
// the speed is unknown.
type coreSpeeds struct {
	mutex sync.Mutex
	// sorted are the known speeds.
	sorted []float64
	// meanBits are the bits of the mean, for readers without the lock; 0 if no speed is known.
	meanBits atomic.Uint64
}

// maxSpeedRatio bounds the weight of outliers: speeds count for at most this many times the median, and at least for the
// median divided by it.
const maxSpeedRatio = 4

// mean returns the mean speed, or 1 if no speed is known.
func (s *coreSpeeds) mean() float64 {
	if bits := s.meanBits.Load(); bits != 0 {
		return math.Float64frombits(bits)
	}
	return 1
}

// replace replaces the speed of a node; 0 means unknown.
func (s *coreSpeeds) replace(before, after float64) {
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
		s.meanBits.Store(0)
		return
	}
	median, sum := s.sorted[count/2], 0.0
	for _, speed := range s.sorted {
		sum += min(maxSpeedRatio*median, max(median/maxSpeedRatio, speed))
	}
	s.meanBits.Store(math.Float64bits(sum / float64(count)))
}
