package plugins_test

import (
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// source is a Store that reports replays. After the replay of a node, the plugins track the node's samples.
type source struct {
	load.Store
	replayed chan string
}

func newSource() *source { return &source{replayed: make(chan string, 1000)} }

// Replay implements load.Source.
func (s *source) Replay(node string, update func(string, *load.Profile)) {
	s.Store.Replay(node, update)
	s.replayed <- node
}

// waitForReplays waits for a number of replays.
func (s *source) waitForReplays(t *testing.T, nodes int) {
	t.Helper()
	for deadline := time.After(30 * time.Second); nodes > 0; nodes-- {
		select {
		case <-s.replayed:
		case <-deadline:
			t.Fatalf("%d replays are missing", nodes)
		}
	}
}
