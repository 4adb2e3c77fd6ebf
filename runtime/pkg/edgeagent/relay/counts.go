package relay

import (
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// logInterval is the least time between two log lines about refused messages of one reason.
const logInterval = time.Minute

// Counts are the metrics of a relay. They outlive a relay that is replaced because of a new configuration.
type Counts struct {
	// Connections is how many devices are connected to the listener.
	Connections atomic.Int64
	// Kept counts the messages of devices that are on disk.
	Kept atomic.Uint64
	// BrokerConnected tells that the subscriber is connected.
	BrokerConnected atomic.Bool

	mu      sync.Mutex
	refused map[string]uint64
	logged  map[string]time.Time
}

// Refused returns how many messages were refused, by reason.
func (c *Counts) Refused() map[string]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.refused)
}

// refuse counts a refused message, and tells whether to log it.
func (c *Counts) refuse(reason string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused, c.logged = map[string]uint64{}, map[string]time.Time{}
	}
	c.refused[reason]++
	at, now := c.logged[reason], time.Now()
	if !at.IsZero() && now.Sub(at) < logInterval {
		return false
	}
	c.logged[reason] = now
	return true
}
