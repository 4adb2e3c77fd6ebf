package outbox

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"
)

// Queue holds the messages of one class in the order in which they were appended.
type Queue struct {
	node  string
	class Class
	dir   string
	fs    FS
	clock func() uint32
	epoch Epoch

	// changes serializes changes of the state and deletions of segments. It is acquired before mu.
	changes sync.Mutex
	states  *stateFile

	// reading is held for reading while a segment's file is open for reading, and for writing while one is removed.
	reading sync.RWMutex

	mu       sync.Mutex
	state    state
	segments []segment // sorted by first
	// appending tells that the last segment still grows.
	appending bool
	// newest is the sequence of the newest durable message.
	newest  uint64
	pending []*PendingAppend
	closed  bool
	// settled is signalled when pending messages are on disk or refused. It uses mu.
	settled sync.Cond
	// grown is closed and replaced when newest grows or the queue is closed.
	grown  chan struct{}
	counts counters
	oldest oldestMessage

	// The rest belongs to the goroutine that writes.
	wake   chan struct{}
	done   chan struct{}
	active File
	batch  batch
}

// Newest returns the sequence of the newest message, or 0. A Reader that begins after it reads live messages only.
func (q *Queue) Newest() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.newest
}

// Epoch returns the epoch of the messages that are appended now.
func (q *Queue) Epoch() Epoch { return q.epoch }

// Wait waits until a message after a sequence is durable. It returns ErrClosed if the queue is closed before.
func (q *Queue) Wait(ctx context.Context, after uint64) error {
	for {
		q.mu.Lock()
		newest, closed, grown := q.newest, q.closed, q.grown
		q.mu.Unlock()
		if newest > after {
			return nil
		}
		if closed {
			return ErrClosed
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// announce wakes all calls of Wait. mu must be held.
func (q *Queue) announce() {
	close(q.grown)
	q.grown = make(chan struct{})
}

// end returns the sequence after the last one of a segment. mu must be held.
func (q *Queue) end(index int) uint64 {
	if index+1 < len(q.segments) {
		return q.segments[index+1].first
	}
	return q.newest + 1
}

// used returns the space that the segments take on disk. mu must be held.
func (q *Queue) used() int64 {
	var total int64
	for _, each := range q.segments {
		total += each.allocated()
	}
	return total
}

// expiryInterval is how often messages are checked for their age.
const expiryInterval = time.Minute

// run writes until the queue is closed and nothing is pending.
func (q *Queue) run() {
	defer close(q.done)
	ticker := time.NewTicker(expiryInterval)
	defer ticker.Stop()
	for {
		select {
		case <-q.wake:
		case <-ticker.C:
			q.expire()
		}
		for q.commit() {
		}
		q.mu.Lock()
		finished := q.closed && len(q.pending) == 0
		q.mu.Unlock()
		if finished {
			return
		}
	}
}

// signal tells the goroutine that writes that there is something to do.
func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *Queue) close() error {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil
	}
	q.closed = true
	q.announce()
	q.mu.Unlock()
	q.signal()
	<-q.done
	// The state tells how much was durable, so that the next start can tell damage at the end from a torn write.
	err := q.change(func(*state) error { return nil })
	if q.active != nil {
		err = errors.Join(err, q.active.Close())
	}
	return errors.Join(err, q.states.close())
}

func (q *Queue) segmentPath(first uint64) string { return segmentPath(q.dir, first) }

func queueDir(dir, class string) string { return filepath.Join(dir, class) }
