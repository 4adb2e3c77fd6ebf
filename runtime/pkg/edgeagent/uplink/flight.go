package uplink

import (
	"math"
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
	// sent is when the message was sent, the last time. It is not sent again before due.
	sent, due time.Time
	// received tells that the broker sent PUBACK.
	received bool
	// queued tells that the message waits to be sent again.
	queued bool
}

// window is what a class has in flight.
//
// Brokers keep the order of the messages of a topic, so a message is lost if the cloud has acknowledged one that was sent later.
// Until then it may be queued in a broker, and sending it again would queue it twice. If nothing is acknowledged, the oldest
// message is sent again as a probe, because brokers may have lost all of them.
//
// TCP detects losses by the same rules (RFC 8985, RACK-TLP).
type window struct {
	maxMessages, maxBytes int
	// first and most are the times after which a message, or a probe, is sent again.
	first, most time.Duration
	flights     map[uint64]*flight
	bytes       int

	// heard is when the cloud acknowledged something.
	heard time.Time
	// delivered is when the message was sent that was sent last of those that arrived.
	delivered time.Time
	// resent is the same for messages that were sent more than once: an earlier copy may have arrived.
	resent time.Time
	// probes counts the probes since heard. The next one is not sent before probeDue.
	probes   int
	probeDue time.Time
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
func (w *window) acknowledge(now time.Time, epoch outbox.Epoch, each outbox.Range) {
	// There is a way to the cloud, so probes begin anew.
	w.heard, w.probes, w.probeDue = now, 0, time.Time{}
	w.removeIf(func(sequence uint64, acknowledged *flight) bool {
		if acknowledged.epoch != epoch || sequence < each.First || sequence > each.Last {
			return false
		}
		latest := &w.delivered
		if acknowledged.attempts > 1 {
			latest = &w.resent
		}
		if acknowledged.sent.After(*latest) {
			*latest = acknowledged.sent
		}
		return true
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

// overdue returns the messages of each lane that are sent again, oldest first.
func (w *window) overdue(now time.Time) (again [len(lanes)][]uint64) {
	isQuiet := now.Sub(w.heard) > w.first
	if isQuiet && w.resent.After(w.delivered) {
		// Copies in the queues of brokers would have arrived by now.
		w.delivered = w.resent
	}
	// Without overdue messages, the quiet means nothing.
	isOverdue, oldest := false, uint64(math.MaxUint64)
	for sequence, each := range w.flights {
		overdue := now.After(each.due)
		switch {
		case each.queued:
		case overdue && each.sent.Before(w.delivered):
			each.queued = true
			again[each.lane] = append(again[each.lane], sequence)
		default:
			isOverdue = isOverdue || overdue
			oldest = min(oldest, sequence)
		}
	}
	for _, lane := range lanes {
		slices.Sort(again[lane])
	}
	if probe := w.flights[oldest]; isOverdue && isQuiet && now.After(w.probeDue) {
		w.probes++
		w.probeDue = resendTime(now, w.probes+1, w.first, w.most)
		probe.queued = true
		again[probe.lane] = append(again[probe.lane], oldest)
	}
	return again
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
