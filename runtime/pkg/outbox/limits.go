package outbox

import (
	"fmt"
	"time"
)

func seconds(duration time.Duration) uint32 { return uint32(duration / time.Second) }

// makeRoom applies the class's policy once. After an error, the message that does not fit must be refused.
func (q *Queue) makeRoom() error {
	if q.class.WhenFull == Refuse {
		return fmt.Errorf("%w: class %s allows %d bytes", ErrFull, q.class.Name, q.class.MaxBytes)
	}
	return q.dropOldest(LossFull)
}

// dropOldest drops the messages of the oldest segment that is not being written.
func (q *Queue) dropOldest(reason LossReason) error {
	return q.change(func(next *state) error {
		if len(q.segments) == 0 || len(q.segments) == 1 && q.appending {
			return fmt.Errorf("%w: class %s has no older messages to drop", ErrFull, q.class.Name)
		}
		next.lose(reason, Range{First: q.segments[0].first, Last: q.end(0) - 1})
		return nil
	})
}

// expire drops segments whose newest message exceeds the class's age.
func (q *Queue) expire() {
	if q.class.MaxAge == 0 {
		return
	}
	for {
		now := q.clock()
		q.mu.Lock()
		expired := len(q.segments) > 0 && now-q.segments[0].written > seconds(q.class.MaxAge)
		sealed := len(q.segments) > 1 || !q.appending
		q.mu.Unlock()
		if !expired {
			return
		}
		if !sealed {
			q.sealSegment()
		}
		if q.dropOldest(LossAge) != nil {
			return
		}
	}
}
