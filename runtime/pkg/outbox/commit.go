package outbox

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// commit writes one batch of pending messages, and returns false if there was none.
func (q *Queue) commit() bool {
	if len(q.batch.appends) > 1 {
		// Let the producers of the last batch append their next message to this one.
		runtime.Gosched()
	}
	q.batch.reset()
	q.expire()
	if !q.takeBatch() {
		return false
	}
	if len(q.batch.appends) == 0 {
		// The first message does not fit.
		if err := q.makeRoom(); err != nil {
			q.refuseFirst(err)
		}
		return true
	}
	first, err := q.write()
	q.mu.Lock()
	defer q.mu.Unlock()
	if errors.Is(err, ErrFull) {
		q.counts.refused += uint64(len(q.batch.appends))
	}
	q.batch.settle(first, err)
	q.settled.Broadcast()
	return true
}

// takeBatch moves as many pending messages into the batch as its limits allow. It returns false if none is pending.
func (q *Queue) takeBatch() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	room := q.class.MaxBytes - q.used()
	// A larger batch would make a segment that cannot be dropped or deleted while it takes most of the class.
	limit := min(maxBatchBytes, q.class.SegmentBytes)
	taken := 0
	for _, each := range q.pending {
		// A batch allocates at most its size and one block, and one more with the header of a new segment.
		need := int64(len(q.batch.frames)+recordHeaderSize+len(each.payload)) + 2*blockSize
		if need > room || !q.batch.fits(each.payload, limit) {
			break
		}
		each.taken = true
		q.batch.add(each)
		taken++
	}
	waiting := len(q.pending) > 0
	q.pending = slices.Delete(q.pending, 0, taken)
	return waiting
}

// refuseFirst ends the Append of the first pending message, if it is still pending, with an error.
func (q *Queue) refuseFirst(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.pending) == 0 {
		return
	}
	refused := q.pending[0]
	q.pending = slices.Delete(q.pending, 0, 1)
	q.counts.refused++
	refused.settled, refused.err = true, err
	q.settled.Broadcast()
}

// write makes the batch durable and returns the sequence of its first message.
//
// After a failed write or fsync, the segment is not written any more, and ends where the last successful fsync left it.
// The kernel may have marked the pages of the failed fsync as clean, so that another fsync of the same file would succeed
// although they are not on disk. The batch is still in memory. It is therefore written once more, into a new file.
func (q *Queue) write() (uint64, error) {
	certain := true
	for retried := false; ; {
		first, err := q.store()
		if err == nil {
			return first, nil
		}
		q.mu.Lock()
		q.counts.failedWrites++
		q.mu.Unlock()
		certain = q.abandonSegment(err) && certain
		full := isDiskFull(err)
		// A full disk counts as a full class.
		if full && q.class.WhenFull == DropOldest && q.dropOldest(LossFull) == nil {
			continue
		}
		if !full && !retried {
			retried = true
			continue
		}
		switch {
		case !certain:
			return 0, fmt.Errorf("%w: %w", ErrUncertain, err)
		case full:
			return 0, fmt.Errorf("%w: %w", ErrFull, err)
		}
		return 0, err
	}
}

// syncError is the error of a failed fsync of a segment.
type syncError struct{ error }

func (e syncError) Unwrap() error { return e.error }

// store writes the batch behind the durable part of the last segment, or into a new one.
func (q *Queue) store() (uint64, error) {
	clock := q.clock()
	q.mu.Lock()
	first := q.newest + 1
	current := segment{first: first, epoch: q.epoch, created: clock, previous: clock}
	if last := len(q.segments) - 1; last >= 0 {
		current.previous = q.segments[last].written
	}
	isNew := true
	if q.appending {
		if last := q.segments[len(q.segments)-1]; !q.isComplete(last, clock) {
			current, isNew = last, false
		}
	}
	q.mu.Unlock()
	data := q.batch.frames
	if isNew {
		if err := q.beginSegment(current); err != nil {
			return 0, err
		}
		current.size = segmentHeaderSize
	}
	q.batch.seal(current.salt(), uint32(first-current.first), clock)
	started := time.Now()
	if _, err := q.active.WriteAt(data, current.size); err != nil {
		return 0, err
	}
	if err := q.active.Sync(); err != nil {
		return 0, syncError{err}
	}
	if isNew {
		if err := q.fs.SyncDir(q.dir); err != nil {
			return 0, syncError{err}
		}
	}
	q.publish(current, int64(len(data)), clock, time.Since(started))
	return first, nil
}

// isComplete tells whether the batch goes into a new segment. mu must be held.
func (q *Queue) isComplete(last segment, clock uint32) bool {
	if last.size+int64(len(q.batch.frames)) > q.class.SegmentBytes && last.size > segmentHeaderSize {
		return true
	}
	// Old messages are dropped by segments, so a segment must not span a large part of the age.
	return q.class.MaxAge > 0 && clock-last.created > seconds(q.class.MaxAge/8)
}

// beginSegment creates the file of a segment with its header. Neither is durable yet.
func (q *Queue) beginSegment(begun segment) error {
	q.sealSegment()
	file, err := q.fs.Create(q.segmentPath(begun.first))
	if err != nil {
		return err
	}
	q.active = file
	_, err = file.WriteAt(begun.encodeHeader(), 0)
	return err
}

// publish makes the durable batch visible to readers.
func (q *Queue) publish(current segment, size int64, clock uint32, took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	current.size += size
	current.written = clock
	if q.appending {
		q.segments[len(q.segments)-1] = current
	} else {
		q.segments = append(q.segments, current)
		q.appending = true
	}
	q.newest += uint64(len(q.batch.appends))
	q.counts.commits++
	q.counts.appended += uint64(len(q.batch.appends))
	q.counts.commitTime += took
	q.announce()
}

// abandonSegment stops writing to the active file after a failure. It tells whether the failed batch is certainly gone
// from the disk.
func (q *Queue) abandonSegment(cause error) bool {
	q.mu.Lock()
	durable := int64(0)
	first := q.newest + 1
	if q.appending {
		durable = q.segments[len(q.segments)-1].size
	}
	q.appending = false
	q.mu.Unlock()
	file := q.active
	q.active = nil
	if file == nil {
		// The file could not be created, or an empty one is left, which holds nothing.
		return true
	}
	if durable == 0 {
		closed := file.Close()
		return errors.Join(closed, q.fs.Remove(q.segmentPath(first)), q.fs.SyncDir(q.dir)) == nil
	}
	gone := errors.Join(file.Truncate(durable), file.Sync(), file.Close()) == nil
	var failedSync syncError
	return gone && !errors.As(cause, &failedSync)
}

// sealSegment ends the segment that is being written.
func (q *Queue) sealSegment() {
	if q.active != nil {
		// All of it is durable: an error of closing means nothing.
		_ = q.active.Close()
		q.active = nil
	}
	q.mu.Lock()
	q.appending = false
	q.mu.Unlock()
}
