package main

import "sync"

// group lets concurrent appends share one commit, as the outbox does: the appends that arrive during a commit are the next
// batch. The databases are measured with it, so that what is compared is the store.
type group struct {
	commit func(payloads [][]byte) error

	mu      sync.Mutex
	pending *batch
	// committing is held by the append that commits.
	committing sync.Mutex
}

type batch struct {
	payloads [][]byte
	done     chan struct{}
	err      error
}

func (g *group) append(payload []byte) error {
	g.mu.Lock()
	first := g.pending == nil
	if first {
		g.pending = &batch{done: make(chan struct{})}
	}
	joined := g.pending
	joined.payloads = append(joined.payloads, payload)
	g.mu.Unlock()
	if first {
		g.committing.Lock()
		g.mu.Lock()
		g.pending = nil
		g.mu.Unlock()
		joined.err = g.commit(joined.payloads)
		g.committing.Unlock()
		close(joined.done)
	}
	<-joined.done
	return joined.err
}
