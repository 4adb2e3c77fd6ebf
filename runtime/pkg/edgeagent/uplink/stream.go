package uplink

import (
	"errors"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// readRetry is how long a class waits after its disk failed to read.
const readRetry = 5 * time.Second

// stream sends the messages of one class. The window is guarded by the uplink; the rest belongs to the goroutine that sends.
type stream struct {
	name, topic string
	queue       *outbox.Queue
	counts      *classCounts
	window      window
	// acknowledgements are those that are not on disk yet.
	acknowledgements acknowledgements
	// refused tells that the broker refused a message of the class. Guarded by the uplink.
	refused bool

	// boundary is the newest message of the backlog.
	boundary uint64
	readers  [len(lanes)]*outbox.Reader
	// next is the next message of each lane that was not sent before.
	next [len(lanes)]*outgoing
	// overdue are the messages of each lane that are sent again, and again is the first of them. They go before others: they
	// are in the window already, so they must not wait behind a message for which the window has no room.
	overdue [len(lanes)][]uint64
	again   [len(lanes)]*outgoing
	rereads *outbox.Reader
	// gone are messages in the window that the outbox dropped.
	gone []uint64
	// pausedUntil is when a class may send that the broker refused, or that could not be read.
	pausedUntil time.Time
	pause       mqtt.Backoff
}

// outgoing is a message that is about to be sent.
type outgoing struct {
	key     outbox.Key
	payload []byte
	// again tells that it was sent before.
	again bool
}

// restart begins again with the oldest message that no broker has. The uplink's lock must be held.
func (s *stream) restart() {
	s.window.forget()
	s.boundary = s.queue.Newest()
	s.readers = [...]*outbox.Reader{Live: s.queue.Reader(s.boundary + 1), Backlog: s.queue.Reader(0)}
	s.next, s.again, s.overdue = [len(lanes)]*outgoing{}, [len(lanes)]*outgoing{}, [len(lanes)][]uint64{}
}

// isInFlight tells whether a message was sent and not acknowledged, and whether it waits to be sent again.
type isInFlight func(sequence uint64) (inFlight, queued bool)

// fill reads the messages of a lane that are sent next.
func (s *stream) fill(lane Lane, state isInFlight) error {
	for s.again[lane] == nil && len(s.overdue[lane]) > 0 {
		sequence := s.overdue[lane][0]
		if inFlight, queued := state(sequence); inFlight && queued {
			if s.rereads == nil {
				s.rereads = s.queue.Reader(sequence)
			}
			s.rereads.Seek(sequence)
			message, err := s.rereads.Next()
			if err != nil && !errors.Is(err, outbox.ErrNoMessage) {
				return err
			}
			// Otherwise the message was dropped or acknowledged in the meantime.
			if err == nil && message.Key.Sequence == sequence {
				s.again[lane] = s.seal(message, true)
			} else {
				s.gone = append(s.gone, sequence)
			}
		}
		s.overdue[lane] = s.overdue[lane][1:]
	}
	for s.next[lane] == nil && s.readers[lane] != nil {
		message, err := s.readers[lane].Next()
		if errors.Is(err, outbox.ErrNoMessage) {
			return nil
		}
		if err != nil {
			return err
		}
		if lane == Backlog && message.Key.Sequence > s.boundary {
			s.readers[lane] = nil
			return nil
		}
		if inFlight, _ := state(message.Key.Sequence); !inFlight {
			s.next[lane] = s.seal(message, false)
		}
	}
	return nil
}

// prune forgets what needs no sending any more: messages that the outbox dropped, and those that were acknowledged while
// they waited to be sent again. The uplink's lock must be held.
func (s *stream) prune() {
	for _, sequence := range s.gone {
		s.window.remove(sequence)
	}
	s.gone = s.gone[:0]
	for _, lane := range lanes {
		if again := s.again[lane]; again != nil && s.window.flights[again.key.Sequence] == nil {
			s.again[lane] = nil
		}
	}
}

// first returns the message of a lane that is sent next, or nil.
func (s *stream) first(lane Lane) *outgoing {
	if s.again[lane] != nil {
		return s.again[lane]
	}
	return s.next[lane]
}

// take removes the message that first returns.
func (s *stream) take(lane Lane) *outgoing {
	message := s.first(lane)
	if message.again {
		s.again[lane] = nil
	} else {
		s.next[lane] = nil
	}
	return message
}

func (s *stream) seal(message outbox.Message, again bool) *outgoing {
	return &outgoing{key: message.Key, payload: edgeevents.Seal(message.Key, message.Payload), again: again}
}
