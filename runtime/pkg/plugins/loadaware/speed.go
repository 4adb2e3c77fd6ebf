package loadaware

import (
	"math"
	"sync"
	"sync/atomic"
)

// speeds of the nodes' cores. A request is stated in cores, as though all were alike; what a pod does takes a slow core
// longer. So work is counted in seconds of a core of speed 1, and a node without a stated speed is taken for an average one.
type speeds struct {
	mutex sync.Mutex
	sum   float64
	count int
	// bits of the mean, for those who only read; 0 before any is known.
	bits atomic.Uint64
}

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
	for _, known := range [...]struct {
		speed float64
		count int
	}{{before, -1}, {after, 1}} {
		if known.speed > 0 {
			s.sum += float64(known.count) * known.speed
			s.count += known.count
		}
	}
	if s.count == 0 {
		s.sum = 0
		s.bits.Store(0)
		return
	}
	s.bits.Store(math.Float64bits(s.sum / float64(s.count)))
}
