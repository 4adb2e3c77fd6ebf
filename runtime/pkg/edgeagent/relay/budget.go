package relay

import (
	"net"
	"sync"
)

// budget limits the memory of messages that are received and not on disk yet. Connections wait when it is used up, and
// TCP makes their devices wait.
type budget struct {
	mu     sync.Mutex
	freed  sync.Cond
	left   int
	closed bool
}

func newBudget(bytes int) *budget {
	b := &budget{left: bytes}
	b.freed.L = &b.mu
	return b
}

// take waits until there is memory for a packet.
func (b *budget) take(bytes int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.left < bytes && !b.closed {
		b.freed.Wait()
	}
	if b.closed {
		return net.ErrClosed
	}
	b.left -= bytes
	return nil
}

func (b *budget) give(bytes int) {
	b.mu.Lock()
	b.left += bytes
	b.mu.Unlock()
	b.freed.Broadcast()
}

// close ends all waiting.
func (b *budget) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.freed.Broadcast()
}
