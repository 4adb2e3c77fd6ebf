package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// fill appends messages of 200 bytes until one is refused, or up to a number, and returns the error.
func fill(q *Queue, most int) error {
	for n := range most {
		if _, err := q.Append(context.Background(), fmt.Appendf(nil, "%d %s", n+1, strings.Repeat("x", 190))); err != nil {
			return err
		}
	}
	return nil
}

func TestAFullClassRefuses(t *testing.T) {
	q := open(t, newDisk(1), small(Refuse)).Queue("telemetry")
	err := fill(q, 1000)
	if !errors.Is(err, ErrFull) || errors.Is(err, ErrUncertain) {
		t.Fatal(err)
	}
	before := q.Metrics()
	if before.Bytes > before.MaxBytes || before.Bytes < before.MaxBytes/2 || before.Refused != 1 || len(before.Lost) > 0 {
		t.Fatalf("%+v", before)
	}
	// An acknowledgement makes room.
	if err := q.Acknowledge(q.Epoch(), Range{First: 1, Last: before.Newest / 2}); err != nil {
		t.Fatal(err)
	}
	if err := fill(q, 10); err != nil {
		t.Fatal(err)
	}
	if got := readAll(t, q); got[0].Key.Sequence != before.Newest/2+1 || uint64(len(got)) != before.Depth-before.Newest/2+10 {
		t.Fatalf("%d messages from %d", len(got), got[0].Key.Sequence)
	}
}

func TestAFullClassDropsItsOldest(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(DropOldest))
	q := opened.Queue("telemetry")
	// What was acknowledged is not counted as dropped.
	if err := fill(q, 3); err != nil {
		t.Fatal(err)
	}
	if err := q.Acknowledge(q.Epoch(), Range{First: 2, Last: 2}); err != nil {
		t.Fatal(err)
	}
	if err := fill(q, 1000); err != nil {
		t.Fatal(err)
	}
	metrics := q.Metrics()
	got := readAll(t, q)
	if metrics.Lost[LossFull] != 1003-1-uint64(len(got)) || metrics.Bytes > metrics.MaxBytes || metrics.Newest != 1003 {
		t.Fatalf("%d messages, %+v", len(got), metrics)
	}
	for n, each := range got {
		if each.Key.Sequence != 1003-uint64(len(got))+uint64(n)+1 {
			t.Fatalf("%d is not among the newest", each.Key.Sequence)
		}
	}
	if last := metrics.Losses[len(metrics.Losses)-1]; last.Last+1 != got[0].Key.Sequence {
		t.Fatalf("%v", metrics.Losses)
	}
	// The count survives a power cut.
	after := open(t, d.cutPower(), small(DropOldest)).Queue("telemetry").Metrics()
	if after.Lost[LossFull] != metrics.Lost[LossFull] || after.Depth != metrics.Depth {
		t.Fatalf("%+v", after)
	}
}

// TestALargeBatchDoesNotFillAClassForGood acknowledges everything after a batch that is larger than a segment.
func TestALargeBatchDoesNotFillAClassForGood(t *testing.T) {
	q := open(t, newDisk(1), small(Refuse)).Queue("telemetry")
	payloads := make([]string, 100)
	for n := range payloads {
		payloads[n] = strings.Repeat("x", 500)
	}
	appendBatch(q, payloads...)
	if err := q.Acknowledge(q.Epoch(), Range{First: 1, Last: q.Newest()}); err != nil {
		t.Fatal(err)
	}
	if err := fill(q, 100); err != nil {
		t.Fatal(err)
	}
}

func TestAClassThatIsFullDoesNotAffectOthers(t *testing.T) {
	alarms := small(Refuse)
	alarms.Name = "alarms"
	opened, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{small(Refuse), alarms}, FS: newDisk(1)})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if err := fill(opened.Queue("telemetry"), 1000); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	if err := fill(opened.Queue("alarms"), 10); err != nil {
		t.Fatal(err)
	}
}

func TestAFullDiskRefusesAndStillAcknowledges(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, small(Refuse)).Queue("telemetry")
	d.capacity = 2*slotSize + 10_000
	err := fill(q, 1000)
	if !errors.Is(err, ErrFull) || !errors.Is(err, syscall.ENOSPC) || errors.Is(err, ErrUncertain) {
		t.Fatal(err)
	}
	if refused := q.Metrics().Refused; refused != 1 {
		t.Fatalf("%d messages refused", refused)
	}
	// Not a byte is free.
	used := 0
	for _, each := range d.files {
		used += len(each.data)
	}
	d.capacity = used
	newest := q.Newest()
	if err := q.Acknowledge(q.Epoch(), Range{First: 1, Last: newest - 1}); err != nil {
		t.Fatal(err)
	}
	if err := fill(q, 10); err != nil {
		t.Fatalf("the space of acknowledged messages is not free: %v", err)
	}
	if got := readAll(t, open(t, d.cutPower(), small(Refuse)).Queue("telemetry")); len(got) != 11 || got[0].Key.Sequence != newest {
		t.Fatal(texts(got))
	}
}

func TestAFullDiskDropsTheOldest(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, small(DropOldest)).Queue("telemetry")
	d.capacity = 2*slotSize + 10_000
	if err := fill(q, 500); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, q)
	if got[len(got)-1].Key.Sequence != 500 || len(got) < 20 || q.Metrics().Lost[LossFull] != 500-uint64(len(got)) {
		t.Fatalf("%d messages, %+v", len(got), q.Metrics())
	}
}

func TestMessagesExpireByRunningTime(t *testing.T) {
	d := newDisk(1)
	var now atomic.Int64
	now.Store(int64(1000 * time.Hour))
	pass := func(duration time.Duration) { now.Add(int64(duration)) }
	class := small(Refuse)
	class.MaxAge = 8 * time.Hour
	start := func() (*Outbox, *Queue) {
		opened, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{class}, FS: d, Clock: func() time.Duration { return time.Duration(now.Load()) }})
		if err != nil {
			t.Fatal(err)
		}
		return opened, opened.Queue("telemetry")
	}
	opened, q := start()
	appendText(t, q, "one")
	pass(5 * time.Hour)
	appendText(t, q, "two")
	if age := q.Metrics().OldestAge; age != 5*time.Hour {
		t.Fatal(age)
	}
	// A restart, after which the clock of the process begins anew. The time between does not count.
	_ = opened.Close()
	now.Store(int64(time.Minute))
	opened, q = start()
	defer opened.Close()
	if got := readAll(t, q); texts(got) != "1:one 2:two " || got[0].Age != 5*time.Hour || got[1].Age != 0 {
		t.Fatalf("%+v", got)
	}
	pass(3*time.Hour + time.Minute)
	appendText(t, q, "three")
	if got := texts(readAll(t, q)); got != "2:two 3:three " {
		t.Fatal(got)
	}
	pass(5 * time.Hour)
	appendText(t, q, "four")
	metrics := q.Metrics()
	if got := texts(readAll(t, q)); got != "3:three 4:four " || metrics.Lost[LossAge] != 2 {
		t.Fatal(got, metrics.Lost)
	}
	// The segment that is being written expires, too.
	pass(9 * time.Hour)
	q.signal()
	for q.Metrics().Depth > 0 {
		time.Sleep(time.Millisecond)
	}
	if metrics := q.Metrics(); metrics.Lost[LossAge] != 4 || metrics.OldestAge != 0 {
		t.Fatalf("%+v", metrics)
	}
}
