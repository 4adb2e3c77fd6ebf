package uplink

import (
	"errors"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
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
	// refused tells that the broker refused a message of the class. Guarded by the uplink.
	refused bool

	// boundary is the newest message of the backlog.
	boundary uint64
	readers  [len(lanes)]*outbox.Reader
	// overdue are the messages that are sent again, before others of their lane.
	overdue [len(lanes)][]uint64
	again   *outbox.Reader
	// next is the message of each lane that is sent next.
	next [len(lanes)]*outgoing
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
	s.overdue, s.again, s.next = [len(lanes)][]uint64{}, nil, [len(lanes)]*outgoing{}
}

// isInFlight tells whether a message was sent and not acknowledged, and whether it waits to be sent again.
type isInFlight func(sequence uint64) (inFlight, queued bool)

// fill reads the next message of a lane unless there is one.
func (s *stream) fill(lane Lane, state isInFlight) error {
	for s.next[lane] == nil && len(s.overdue[lane]) > 0 {
		sequence := s.overdue[lane][0]
		if inFlight, queued := state(sequence); inFlight && queued {
			if s.again == nil {
				s.again = s.queue.Reader(sequence)
			}
			s.again.Seek(sequence)
			message, err := s.again.Next()
			if err != nil && !errors.Is(err, outbox.ErrNoMessage) {
				return err
			}
			// Otherwise the message was dropped or acknowledged in the meantime.
			if err == nil && message.Key.Sequence == sequence {
				s.next[lane] = s.seal(message, true)
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

func (s *stream) seal(message outbox.Message, again bool) *outgoing {
	return &outgoing{key: message.Key, payload: edgeevents.Seal(message.Key, message.Payload), again: again}
}
