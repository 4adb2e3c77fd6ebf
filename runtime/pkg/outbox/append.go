package outbox

import (
	"context"
	"fmt"
	"slices"
)

// pendingAppend is a message whose Append waits.
type pendingAppend struct {
	payload []byte
	// taken tells that the message is being written.
	taken bool
	key   Key
	err   error
	// done is closed when key and err are set.
	done chan struct{}
}

// Append keeps a message and returns its key. When it returns without an error, the message is on disk: fsync of the file,
// and of the folder where necessary, has succeeded. Messages that are appended at the same time share one fsync.
//
// After an error that is ErrUncertain, the message may be kept and delivered. After any other error, it is not kept. When
// ctx ends, Append returns at once: with ErrUncertain if the message was already being written. Both errors wrap their
// cause. The payload must not be changed before Append returns.
func (q *Queue) Append(ctx context.Context, payload []byte) (Key, error) {
	if len(payload) > q.class.MaxMessageBytes {
		return Key{}, fmt.Errorf("%w: %d bytes: class %s allows %d", ErrTooLarge, len(payload), q.class.Name, q.class.MaxMessageBytes)
	}
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	appended := &pendingAppend{payload: payload, done: make(chan struct{})}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return Key{}, ErrClosed
	}
	q.pending = append(q.pending, appended)
	q.mu.Unlock()
	q.signal()
	select {
	case <-appended.done:
		return appended.key, appended.err
	case <-ctx.Done():
		return q.withdraw(appended, ctx.Err())
	}
}

// withdraw takes back a message because of a cause, unless it is being written.
func (q *Queue) withdraw(appended *pendingAppend, cause error) (Key, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-appended.done:
		return appended.key, appended.err
	default:
	}
	if appended.taken {
		return Key{}, fmt.Errorf("%w: %w", ErrUncertain, cause)
	}
	q.pending = slices.DeleteFunc(q.pending, func(each *pendingAppend) bool { return each == appended })
	return Key{}, cause
}
