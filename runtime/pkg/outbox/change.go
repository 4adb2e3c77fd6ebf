package outbox

import (
	"errors"
	"io/fs"
	"slices"
)

// errUnchanged ends a change that has nothing to change.
var errUnchanged = errors.New("unchanged")

// change makes an edit of the state durable, and then deletes the segments that hold nothing but done messages. The edit
// runs with mu held. Nothing changes if it returns an error.
func (q *Queue) change(edit func(*state) error) error {
	q.changes.Lock()
	defer q.changes.Unlock()
	q.mu.Lock()
	next := q.state.clone()
	err := edit(&next)
	next.Newest, next.Clock = q.newest, q.clock()
	q.mu.Unlock()
	if errors.Is(err, errUnchanged) {
		return nil
	}
	if err != nil {
		return err
	}
	next.bound()
	if err := q.states.write(next); err != nil {
		return err
	}
	q.mu.Lock()
	q.state = next
	q.mu.Unlock()
	q.removeDone()
	return nil
}

// removeDone deletes the segments that hold nothing but done messages. Their sequences are durable in the state, so a
// deletion that fails, or that a power cut undoes, is repeated at the next change or start.
func (q *Queue) removeDone() {
	for after := uint64(0); ; {
		q.mu.Lock()
		found := slices.IndexFunc(q.segments, func(each segment) bool { return each.first > after })
		for ; found >= 0 && found < len(q.segments) && !q.isDone(found); found++ {
		}
		if found < 0 || found == len(q.segments) {
			q.mu.Unlock()
			return
		}
		after = q.segments[found].first
		q.mu.Unlock()

		q.reading.Lock()
		err := q.fs.Remove(q.segmentPath(after))
		q.reading.Unlock()

		q.mu.Lock()
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			q.segments = slices.DeleteFunc(q.segments, func(each segment) bool { return each.first == after })
		} else {
			q.counts.failedRemovals++
		}
		q.mu.Unlock()
	}
}

// isDone tells whether a segment can be deleted. mu must be held.
func (q *Queue) isDone(index int) bool {
	if q.appending && index == len(q.segments)-1 {
		return false
	}
	first, end := q.segments[index].first, q.end(index)
	return q.state.Done.Next(first) >= end
}
