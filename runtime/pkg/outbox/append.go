package outbox

import (
	"context"
	"fmt"
	"slices"
)

// PendingAppend is a message that Enqueue has accepted and that may not be on disk yet.
type PendingAppend struct {
	queue   *Queue
	payload []byte
	// taken tells that the message is being written, and settled that sequence and err are set. The mutex of the queue
	// guards all of them.
	taken, settled bool
	sequence       uint64
	err            error
}

// Append keeps a message and returns its key. When it returns without an error, the message is on disk: fsync of the file,
// and of the folder where necessary, has succeeded. Messages that are appended at the same time share one fsync.
//
// After an error that is ErrUncertain, the message may be kept and delivered. After any other error, it is not kept. When
// ctx ends, Append returns at once: with ErrUncertain if the message was already being written. Both errors wrap their
// cause. The payload must not be changed before Append returns.
func (q *Queue) Append(ctx context.Context, payload []byte) (Key, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	appended, err := q.Enqueue(payload)
	if err != nil {
		return Key{}, err
	}
	return appended.Wait(ctx)
}

// Enqueue begins to append a message and returns at once. The message is kept when Wait says so, and not before. Messages
// of one caller are kept in the order of its calls, and share an fsync if it does not wait in between. The payload stays in
// memory, and must not be changed, until then. The caller limits how much that is.
func (q *Queue) Enqueue(payload []byte) (*PendingAppend, error) {
	if len(payload) > q.class.MaxMessageBytes {
		return nil, fmt.Errorf("%w: %d bytes: class %s allows %d", ErrTooLarge, len(payload), q.class.Name, q.class.MaxMessageBytes)
	}
	appended := &PendingAppend{queue: q, payload: payload}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil, ErrClosed
	}
	q.pending = append(q.pending, appended)
	q.mu.Unlock()
	q.signal()
	return appended, nil
}

// Wait waits until the message is on disk or refused, and returns what Append returns.
func (p *PendingAppend) Wait(ctx context.Context) (Key, error) {
	q := p.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if !p.settled {
		stop := context.AfterFunc(ctx, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.settled.Broadcast()
		})
		defer stop()
	}
	for !p.settled && ctx.Err() == nil {
		q.settled.Wait()
	}
	switch {
	case !p.settled:
		return q.withdraw(p, ctx.Err())
	case p.err != nil:
		return Key{}, p.err
	}
	return Key{Node: q.node, Class: q.class.Name, Epoch: q.epoch, Sequence: p.sequence}, nil
}

// withdraw takes back a message because of a cause, unless it is being written. mu must be held.
func (q *Queue) withdraw(appended *PendingAppend, cause error) (Key, error) {
	if appended.taken {
		return Key{}, fmt.Errorf("%w: %w", ErrUncertain, cause)
	}
	q.pending = slices.DeleteFunc(q.pending, func(each *PendingAppend) bool { return each == appended })
	return Key{}, cause
}
