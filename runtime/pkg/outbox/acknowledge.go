package outbox

import (
	"fmt"
	"slices"
)

// Acknowledge records that the cloud has stored messages of an epoch, so that they need not be delivered any more. When it
// returns without an error, this is durable. Files whose messages are all acknowledged are deleted after that, never
// before. It costs one fsync; a caller should collect acknowledgements for a while. Messages that were acknowledged
// before are ignored.
//
// Pass only what the cloud has acknowledged end to end: what its database has committed, not what a broker has received.
//
// It returns ErrRolledBack for sequences that this outbox never kept, ErrWrongEpoch for waiting messages of another epoch,
// and ErrTooManyRanges if too many gaps would be left. Nothing is recorded then.
func (q *Queue) Acknowledge(epoch Epoch, ranges ...Range) error {
	return q.change(func(next *state) error {
		var added uint64
		for _, each := range ranges {
			if err := q.checkAcknowledged(epoch, each); err != nil {
				return err
			}
			added += next.Done.Add(each)
		}
		if added == 0 {
			return errUnchanged
		}
		if len(next.Done) > maxDoneRanges {
			return fmt.Errorf("%w: class %s keeps at most %d", ErrTooManyRanges, q.class.Name, maxDoneRanges)
		}
		next.Acknowledged += added
		return nil
	})
}

// checkAcknowledged checks that the cloud may have got a range from this outbox. mu must be held.
func (q *Queue) checkAcknowledged(epoch Epoch, acknowledged Range) error {
	if acknowledged.First == 0 || acknowledged.First > acknowledged.Last {
		return fmt.Errorf("acknowledged range %d to %d: must not be empty or begin at 0", acknowledged.First, acknowledged.Last)
	}
	if acknowledged.Last > q.newest {
		return fmt.Errorf("%w: class %s: %d is acknowledged, the newest message is %d", ErrRolledBack, q.class.Name, acknowledged.Last, q.newest)
	}
	for index, each := range q.segments {
		overlap := Range{First: max(each.first, acknowledged.First), Last: min(q.end(index)-1, acknowledged.Last)}
		if overlap.First <= overlap.Last && each.epoch != epoch && q.state.Done.Next(overlap.First) <= overlap.Last {
			return fmt.Errorf("%w: class %s: %d to %d are of epoch %s, not %s", ErrWrongEpoch, q.class.Name, overlap.First, overlap.Last, each.epoch, epoch)
		}
	}
	return nil
}

// CheckRollback compares the outbox with the newest message of this node and class that the cloud has stored. It returns
// ErrRolledBack if this disk cannot have sent that message in its present state. Messages are safe without the check,
// because each Open begins an epoch of its own. It tells an operator that a disk was restored, cloned or lost writes.
//
// It cannot tell if the cloud has stored nothing since the copy of the disk was made, or if that was more than 64
// epochs ago.
func (q *Queue) CheckRollback(epoch Epoch, sequence uint64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	rolledBack := func(reason string, args ...any) error {
		return fmt.Errorf("%w: class %s: the cloud has %d of epoch %s: %s", ErrRolledBack, q.class.Name, sequence, epoch, fmt.Sprintf(reason, args...))
	}
	epochs := q.state.Epochs
	index := slices.IndexFunc(epochs, func(each epochStart) bool { return each.Epoch.Number == epoch.Number })
	switch {
	case index < 0 && epoch.Number > q.epoch.Number:
		return rolledBack("the current epoch is %s", q.epoch)
	case index < 0:
		return nil
	case epochs[index].Epoch != epoch:
		return rolledBack("here that epoch is %s", epochs[index].Epoch)
	}
	last := q.newest
	if index+1 < len(epochs) {
		last = epochs[index+1].First - 1
	}
	if sequence > last {
		return rolledBack("here it ends at %d", last)
	}
	return nil
}
