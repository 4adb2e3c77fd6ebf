package uplink

import (
	"cmp"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// acknowledgements collects what the cloud has acknowledged of a class, so that many acknowledgements cost one fsync.
type acknowledgements struct {
	mu     sync.Mutex
	ranges map[outbox.Epoch][]outbox.Range
}

func (a *acknowledgements) add(epoch outbox.Epoch, ranges []outbox.Range) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ranges == nil {
		a.ranges = map[outbox.Epoch][]outbox.Range{}
	}
	a.ranges[epoch] = join(append(a.ranges[epoch], ranges...))
}

// join sorts ranges and joins those that touch.
func join(ranges []outbox.Range) []outbox.Range {
	slices.SortFunc(ranges, func(a, b outbox.Range) int { return cmp.Compare(a.First, b.First) })
	joined := ranges[:0]
	for _, each := range ranges {
		if last := len(joined) - 1; last >= 0 && each.First <= joined[last].Last+1 {
			joined[last].Last = max(joined[last].Last, each.Last)
		} else {
			joined = append(joined, each)
		}
	}
	return joined
}

func (a *acknowledgements) take() map[outbox.Epoch][]outbox.Range {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken := a.ranges
	a.ranges = nil
	return taken
}

// record makes the acknowledgements durable. Those that leave too many gaps, or that the disk refuses, are kept for the
// next time.
func (a *acknowledgements) record(queue *outbox.Queue, logger *slog.Logger) {
	for epoch, ranges := range a.take() {
		err := queue.Acknowledge(epoch, ranges...)
		if isInvalid(err) {
			// One invalid range must not keep the others.
			for _, each := range ranges {
				if err := queue.Acknowledge(epoch, each); isInvalid(err) {
					logger.Error("the cloud acknowledged messages that this outbox did not keep", "epoch", epoch.String(),
						"first", each.First, "last", each.Last, "err", err.Error(), "rollback", describe(queue.CheckRollback(epoch, each.Last)))
				} else if err != nil {
					a.add(epoch, []outbox.Range{each})
				}
			}
			continue
		}
		if err != nil && !errors.Is(err, outbox.ErrClosed) {
			logger.Warn("failed to record acknowledgements; retrying", "err", err.Error())
			a.add(epoch, ranges)
		}
	}
}

func isInvalid(err error) bool {
	return errors.Is(err, outbox.ErrRolledBack) || errors.Is(err, outbox.ErrWrongEpoch)
}

func describe(err error) string {
	if err == nil {
		return "none"
	}
	return err.Error()
}
