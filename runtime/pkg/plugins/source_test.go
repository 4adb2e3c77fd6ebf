package plugins_test

import (
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// source is a Store that tells when a plugin asked for each node: from then on, samples of the node count at once.
type source struct {
	load.Store
	asked chan string
}

func newSource() *source { return &source{asked: make(chan string, 1000)} }

// Repeat tells, and says so.
func (s *source) Repeat(node string, tell func(string, *load.Profile)) {
	s.Store.Replay(node, tell)
	s.asked <- node
}

// knows returns when as many nodes were asked for.
func (s *source) knows(t *testing.T, nodes int) {
	t.Helper()
	for deadline := time.After(30 * time.Second); nodes > 0; nodes-- {
		select {
		case <-s.asked:
		case <-deadline:
			t.Fatalf("%d nodes are not known", nodes)
		}
	}
}
