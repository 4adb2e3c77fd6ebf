package placement

import (
	"sync"

	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

// linkSource gives plugins the round trips of the simulation, which drills change.
type linkSource struct {
	mutex       sync.Mutex
	file        string
	matrix      *links.Matrix
	subscribers []func()
}

var _ links.Source = &linkSource{}

// Matrix returns the round trips now.
func (s *linkSource) Matrix() *links.Matrix {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.matrix
}

// Subscribe calls a function after each change.
func (s *linkSource) Subscribe(changed func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.subscribers = append(s.subscribers, changed)
}

func (s *linkSource) set(matrix *links.Matrix) {
	s.mutex.Lock()
	s.matrix = matrix
	subscribers := s.subscribers
	s.mutex.Unlock()
	for _, changed := range subscribers {
		changed()
	}
}
