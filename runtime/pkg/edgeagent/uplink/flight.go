package uplink

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// flight is a message that was sent and that the cloud has not acknowledged. Its payload is in the outbox only.
type flight struct {
	epoch    outbox.Epoch
	bytes    int
	lane     Lane
	attempts int
	// due is when the message is sent again.
	due time.Time
	// received tells that the broker sent PUBACK.
	received bool
	// queued tells that the message waits to be sent again.
	queued bool
}

// window is what a class has in flight.
type window struct {
	maxMessages, maxBytes int
	flights               map[uint64]*flight
	bytes                 int
}

// fits tells whether a message may be sent. One message always may.
func (w *window) fits(bytes int) bool {
	return len(w.flights) == 0 || len(w.flights) < w.maxMessages && w.bytes+bytes <= w.maxBytes
}

func (w *window) add(sequence uint64, sent *flight) {
	w.flights[sequence] = sent
	w.bytes += sent.bytes
}

func (w *window) remove(sequence uint64) {
	if sent := w.flights[sequence]; sent != nil {
		w.bytes -= sent.bytes
		delete(w.flights, sequence)
	}
}

// acknowledge removes what the cloud has.
func (w *window) acknowledge(epoch outbox.Epoch, each outbox.Range) {
	w.removeIf(func(sequence uint64, sent *flight) bool {
		return sent.epoch == epoch && each.First <= sequence && sequence <= each.Last
	})
}

// forget removes what no broker has, and what waits to be sent again: the backlog's reader finds it again, in order.
func (w *window) forget() {
	w.removeIf(func(_ uint64, sent *flight) bool { return !sent.received || sent.queued })
}

func (w *window) removeIf(condition func(uint64, *flight) bool) {
	for sequence, sent := range w.flights {
		if condition(sequence, sent) {
			w.remove(sequence)
		}
	}
}

// overdue returns the messages of each lane whose acknowledgement did not come in time, oldest first.
func (w *window) overdue(now time.Time) (due [len(lanes)][]uint64) {
	for sequence, sent := range w.flights {
		if !sent.queued && now.After(sent.due) {
			sent.queued = true
			due[sent.lane] = append(due[sent.lane], sequence)
		}
	}
	for _, lane := range lanes {
		slices.Sort(due[lane])
	}
	return due
}

// resendTime returns when a message is sent again after a number of attempts: twice as late each time, with a jitter of a
// quarter.
func resendTime(now time.Time, attempts int, first, most time.Duration) time.Time {
	wait := first
	for n := 1; n < attempts && wait < most; n++ {
		wait *= 2
	}
	wait = min(wait, most)
	return now.Add(wait*3/4 + rand.N(max(1, wait/2)))
}
