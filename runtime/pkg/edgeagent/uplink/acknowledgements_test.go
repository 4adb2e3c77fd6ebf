package uplink

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

func openQueue(t *testing.T, messages int) *outbox.Queue {
	t.Helper()
	box, err := outbox.Open(outbox.Options{Dir: t.TempDir(), Node: "gateway-3", Classes: []outbox.Class{{Name: "telemetry", MaxBytes: 1 << 20, WhenFull: outbox.Refuse}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	queue := box.Queue("telemetry")
	var appends []*outbox.PendingAppend
	for n := range messages {
		appended, err := queue.Enqueue(fmt.Append(nil, n))
		if err != nil {
			t.Fatal(err)
		}
		appends = append(appends, appended)
	}
	for _, each := range appends {
		if _, err := each.Wait(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return queue
}

func TestJoinKeepsExactlyWhatWasAcknowledged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ranges []outbox.Range
		want := map[uint64]bool{}
		for range rapid.IntRange(0, 20).Draw(t, "ranges") {
			first := rapid.Uint64Range(1, 100).Draw(t, "first")
			last := first + rapid.Uint64Range(0, 10).Draw(t, "length")
			ranges = append(ranges, outbox.Range{First: first, Last: last})
			for sequence := first; sequence <= last; sequence++ {
				want[sequence] = true
			}
		}
		got := map[uint64]bool{}
		before := uint64(0)
		for _, each := range join(ranges) {
			if before > 0 && each.First <= before+1 {
				t.Fatalf("the range from %d touches the one before", each.First)
			}
			for sequence := each.First; sequence <= each.Last; sequence++ {
				got[sequence] = true
			}
			before = each.Last
		}
		if len(got) != len(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for sequence := range want {
			if !got[sequence] {
				t.Fatalf("%d is missing", sequence)
			}
		}
	})
}

// TestInvalidAcknowledgementsDoNotKeepOthers acknowledges messages that the outbox never had.
func TestInvalidAcknowledgementsDoNotKeepOthers(t *testing.T) {
	queue := openQueue(t, 10)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	var collected acknowledgements
	collected.add(queue.Epoch(), []outbox.Range{{First: 1, Last: 3}, {First: 5, Last: 5}, {First: 9, Last: 12}})
	collected.add(outbox.Epoch{Number: 9, Token: 9}, []outbox.Range{{First: 7, Last: 8}})
	collected.record(queue, logger)
	if depth := queue.Metrics().Depth; depth != 6 {
		t.Errorf("%d messages wait, want 6: 4 were acknowledged validly", depth)
	}
	if text := log.String(); strings.Count(text, "did not keep") != 2 {
		t.Errorf("got the log\n%s", text)
	}
	if left := collected.take(); len(left) != 0 {
		t.Errorf("invalid acknowledgements are tried again: %v", left)
	}
}

// TestTooManyGapsWaitForTheirFilling acknowledges every second of so many messages that the outbox cannot keep the gaps.
func TestTooManyGapsWaitForTheirFilling(t *testing.T) {
	const messages = 2000
	queue := openQueue(t, messages)
	logger := slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil))
	var collected acknowledgements
	for sequence := uint64(2); sequence <= messages; sequence += 2 {
		collected.add(queue.Epoch(), []outbox.Range{{First: sequence, Last: sequence}})
	}
	collected.record(queue, logger)
	if depth := queue.Metrics().Depth; depth != messages {
		t.Errorf("%d messages wait, want all", depth)
	}
	for sequence := uint64(1); sequence <= messages; sequence += 2 {
		collected.add(queue.Epoch(), []outbox.Range{{First: sequence, Last: sequence}})
	}
	collected.record(queue, logger)
	if depth := queue.Metrics().Depth; depth != 0 {
		t.Errorf("%d messages wait, want none", depth)
	}
}
