package uplink

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Counts are the metrics of uplinks. They outlive an uplink that is replaced because of a new configuration.
type Counts struct {
	connected atomic.Bool
	// lastAcknowledgement is the wall clock in nanoseconds; 0 if there was none.
	lastAcknowledgement atomic.Int64

	mu      sync.Mutex
	classes map[string]*classCounts
}

type classCounts struct {
	sent                       [len(lanes)]atomic.Uint64
	resent, refused, oversized atomic.Uint64
}

// of returns the counts of a class.
func (c *Counts) of(class string) *classCounts {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.classes == nil {
		c.classes = map[string]*classCounts{}
	}
	if c.classes[class] == nil {
		c.classes[class] = &classCounts{}
	}
	return c.classes[class]
}

// Snapshot is the state of an uplink at a time.
type Snapshot struct {
	Connected           bool
	LastAcknowledgement time.Time
	Classes             []ClassSnapshot
}

// ClassSnapshot counts the messages of a class.
type ClassSnapshot struct {
	Class string
	// Sent counts the messages by lane, and Resent those of them that were sent again after a timeout.
	Sent   map[Lane]uint64
	Resent uint64
	// Refused counts the messages that the broker refused, and Oversized those that exceed what it accepts.
	Refused, Oversized uint64
}

// Snapshot returns the present metrics, with the classes in the order of their names.
func (c *Counts) Snapshot() Snapshot {
	snapshot := Snapshot{Connected: c.connected.Load()}
	if at := c.lastAcknowledgement.Load(); at != 0 {
		snapshot.LastAcknowledgement = time.Unix(0, at)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(c.classes)) {
		each := c.classes[name]
		snapshot.Classes = append(snapshot.Classes, ClassSnapshot{
			Class: name, Sent: map[Lane]uint64{Live: each.sent[Live].Load(), Backlog: each.sent[Backlog].Load()},
			Resent: each.resent.Load(), Refused: each.refused.Load(), Oversized: each.oversized.Load(),
		})
	}
	return snapshot
}
