package uplink

import (
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
		w.add(sequence, &flight{epoch: epoch, bytes: 200, due: now.Add(time.Duration(sequence) * time.Second), received: sequence%2 == 0})
	}
	if w.fits(1) {
		t.Error("more messages fit than the window has")
	}
	w.acknowledge(other, outbox.Range{First: 1, Last: 4})
	if len(w.flights) != 4 {
		t.Error("an acknowledgement of another epoch counted")
	}
	w.acknowledge(epoch, outbox.Range{First: 4, Last: 1 << 60})
	if w.fits(401) || !w.fits(400) {
		t.Errorf("%d bytes are in flight, want 600", w.bytes)
	}
	due := w.overdue(now.Add(2500 * time.Millisecond))
	if got := due[Live]; len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("overdue: %v", got)
	}
	if again := w.overdue(now.Add(2500 * time.Millisecond)); len(again[Live]) != 0 {
		t.Errorf("overdue twice: %v", again)
	}
	// 1 was not received by the broker, 2 waits to be sent again, 3 was not received.
	w.forget()
	if len(w.flights) != 0 || w.bytes != 0 {
		t.Errorf("left: %v, %d bytes", w.flights, w.bytes)
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
