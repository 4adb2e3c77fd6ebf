package mqtt

import (
	"math/rand/v2"
	"time"
)

// firstBackoff limits the wait after a first failure.
const firstBackoff = time.Second

// Backoff is exponential with full jitter: each wait is anywhere between zero and a bound that doubles up to a maximum, so
// that agents that lost their broker at the same time do not return at the same time.
type Backoff struct {
	Max   time.Duration
	bound time.Duration
}

// Next returns how long to wait now.
func (b *Backoff) Next() time.Duration {
	b.bound = min(max(firstBackoff, 2*b.bound), b.Max)
	return rand.N(b.bound)
}

// Reset begins again with short waits.
func (b *Backoff) Reset() { b.bound = 0 }
