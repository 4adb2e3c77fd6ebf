package uplink

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

func TestWindow(t *testing.T) {
	epoch, other := outbox.Epoch{Number: 1, Token: 1}, outbox.Epoch{Number: 2, Token: 2}
	now := time.Now()
	w := window{maxMessages: 4, maxBytes: 1000, flights: map[uint64]*flight{}}
	if !w.fits(5000) {
		t.Error("a message that exceeds the window must be sent alone")
	}
	for sequence := uint64(1); sequence <= 4; sequence++ {
		if !w.fits(200) {
			t.Fatalf("message %d does not fit", sequence)
		}
		w.add(sequence, &flight{epoch: epoch, bytes: 200, received: sequence%2 == 0})
	}
	if w.fits(1) {
		t.Error("more messages fit than the window has")
	}
	w.acknowledge(now, other, outbox.Range{First: 1, Last: 4})
	if len(w.flights) != 4 {
		t.Error("an acknowledgement of another epoch counted")
	}
	w.acknowledge(now, epoch, outbox.Range{First: 4, Last: 1 << 60})
	if w.fits(401) || !w.fits(400) {
		t.Errorf("%d bytes are in flight, want 600", w.bytes)
	}
	w.flights[2].queued = true
	// 1 was not received by the broker, 2 waits to be sent again, 3 was not received.
	w.forget()
	if len(w.flights) != 0 || w.bytes != 0 {
		t.Errorf("left: %v, %d bytes", w.flights, w.bytes)
	}
}

// sender sends messages in a window, as an uplink does.
type sender struct {
	window
	epoch outbox.Epoch
	now   time.Time
}

func newSender(messages uint64) *sender {
	s := &sender{epoch: outbox.Epoch{Number: 1, Token: 1}, now: time.Now()}
	s.window = window{maxMessages: 1000, maxBytes: 1 << 20, first: 30 * time.Second, most: 10 * time.Minute, flights: map[uint64]*flight{}}
	for sequence := range messages {
		s.send(sequence + 1)
	}
	return s
}

func (s *sender) send(sequence uint64) {
	s.now = s.now.Add(time.Millisecond)
	attempts := 1
	if before := s.flights[sequence]; before != nil {
		attempts += before.attempts
	}
	s.add(sequence, &flight{epoch: s.epoch, attempts: attempts, sent: s.now, due: resendTime(s.now, attempts, s.first, s.most), received: true})
}

func (s *sender) acknowledge(sequence uint64) {
	s.window.acknowledge(s.now, s.epoch, outbox.Range{First: sequence, Last: sequence})
}

// pass lets time pass, checks each second, and returns what was sent again.
func (s *sender) pass(span time.Duration) (again []uint64) {
	for end := s.now.Add(span); s.now.Before(end); {
		s.now = s.now.Add(time.Second)
		for _, sequence := range s.overdue(s.now)[Live] {
			again = append(again, sequence)
			s.send(sequence)
		}
	}
	return again
}

// TestAnOutageOfADay has a broker that keeps everything while its link is down.
func TestAnOutageOfADay(t *testing.T) {
	s := newSender(100)
	again := s.pass(24 * time.Hour)
	// Before the interval of 10 minutes, up to 7.5 minutes pass with shorter ones.
	if len(again) > 24*60*60/450+10 || len(again) < 24*60*60/750 {
		t.Errorf("%d messages were sent again in a day", len(again))
	}
	for _, sequence := range again {
		if sequence != 1 {
			t.Errorf("message %d was sent again, of which the broker has a copy", sequence)
		}
	}
	// The broker's queue takes 100 s to drain.
	for sequence := uint64(1); sequence <= 100; sequence++ {
		s.acknowledge(sequence)
		if again := s.pass(time.Second); len(again) > 0 {
			t.Fatalf("%v were sent again while acknowledgements arrived", again)
		}
	}
	if again := s.pass(time.Hour); len(again) > 0 || len(s.flights) > 0 {
		t.Errorf("%v were sent again, %d are left", again, len(s.flights))
	}
}

// TestABrokerThatLosesEverything has acknowledgements of probes only.
func TestABrokerThatLosesEverything(t *testing.T) {
	s := newSender(1000)
	if again := s.pass(time.Minute); len(again) != 1 {
		t.Fatalf("%d probes in a minute", len(again))
	}
	s.acknowledge(1)
	if again := s.pass(29 * time.Second); len(again) > 0 {
		t.Errorf("%d messages were sent again while the broker may have them", len(again))
	}
	if again := s.pass(3 * time.Second); len(again) != 999 {
		t.Errorf("%d messages were sent again", len(again))
	}
}

// TestALostMessage is sent again when its time has passed and a later one was acknowledged.
func TestALostMessage(t *testing.T) {
	s := newSender(3)
	s.acknowledge(2)
	if again := s.pass(20 * time.Second); len(again) > 0 {
		t.Errorf("%v were sent again before their time", again)
	}
	s.send(4)
	s.acknowledge(4)
	again := s.pass(20 * time.Second)
	if slices.Sort(again); !slices.Equal(again, []uint64{1, 3}) {
		t.Errorf("%v were sent again, want 1 and 3", again)
	}
}

// TestEverythingArrives has a queue in order, of which messages and acknowledgements get lost, one by one or all at once, and
// links that are down for long. At some point nothing gets lost any more. Then everything must arrive, and soon.
func TestEverythingArrives(t *testing.T) {
	seed := rand.Uint64()
	for round := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, round))
		s := newSender(uint64(random.IntN(200) + 1))
		var queue []uint64
		for sequence := range s.flights {
			queue = append(queue, sequence)
		}
		slices.Sort(queue)
		faulty := time.Duration(random.IntN(3600)) * time.Second
		loses := func(oneIn int) bool { return faulty > 0 && random.IntN(oneIn) == 0 }
		down, healthy := 0, time.Duration(0)
		for len(s.flights) > 0 {
			queue = append(queue, s.pass(time.Second)...)
			if faulty -= time.Second; faulty <= 0 {
				healthy += time.Second
			}
			if loses(200) {
				queue = nil
			}
			if loses(300) {
				down = random.IntN(1000)
			}
			if down--; down > 0 && faulty > 0 {
				continue
			}
			delivered := queue[:min(len(queue), 10)]
			queue = queue[len(delivered):]
			for _, sequence := range delivered {
				if !loses(10) && s.flights[sequence] != nil {
					s.acknowledge(sequence)
				}
			}
			// A probe may have to wait for the longest time, and what is lost for as long again.
			if healthy > 30*time.Minute {
				t.Fatalf("seed %d, round %d: %d messages have not arrived", seed, round, len(s.flights))
			}
		}
	}
}

func TestResendTimesDoubleUpToAMaximum(t *testing.T) {
	now := time.Now()
	for attempts, want := range map[int]time.Duration{1: 30 * time.Second, 2: time.Minute, 3: 2 * time.Minute, 5: 8 * time.Minute, 6: 10 * time.Minute, 60: 10 * time.Minute} {
		least, most := time.Hour, time.Duration(0)
		for range 1000 {
			wait := resendTime(now, attempts, 30*time.Second, 10*time.Minute).Sub(now)
			least, most = min(least, wait), max(most, wait)
		}
		if least < want*3/4 || most > want*5/4 || most-least < want/4 {
			t.Errorf("attempt %d: %s to %s, want %s with a jitter of a quarter", attempts, least, most, want)
		}
	}
}
