package outbox

import (
	"errors"
	"fmt"
	"testing"
)

func TestARestoredDiskBeginsAnEpochOfItsOwn(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	appendText(t, opened.Queue("telemetry"), "one")
	_ = opened.Close()
	image := d.clone()

	run := func(files *disk, text string) (*Outbox, Key) {
		opened := open(t, files, small(Refuse))
		key := appendText(t, opened.Queue("telemetry"), text)
		return opened, key
	}
	before, lost := run(d, "before the restore")
	after, kept := run(image.clone(), "after the restore")
	clone, cloned := run(image.clone(), "on a clone")
	if lost.Sequence != kept.Sequence || lost == kept || kept == cloned || lost == cloned {
		t.Fatal(lost, kept, cloned)
	}
	// The message that waited on the image keeps its key, so that the cloud recognizes the repetition.
	if a, b := readAll(t, before.Queue("telemetry"))[0], readAll(t, after.Queue("telemetry"))[0]; a.Key != b.Key {
		t.Fatal(a.Key, b.Key)
	}
	for _, each := range []*Outbox{after, clone} {
		if err := each.Queue("telemetry").CheckRollback(lost.Epoch, lost.Sequence); !errors.Is(err, ErrRolledBack) {
			t.Fatal(err)
		}
	}
	if err := before.Queue("telemetry").CheckRollback(lost.Epoch, lost.Sequence); err != nil {
		t.Fatal(err)
	}
}

func TestCheckRollback(t *testing.T) {
	d := newDisk(1)
	var images []*disk
	var keys []Key
	for n := range 3 {
		opened := open(t, d, small(Refuse))
		keys = append(keys, appendText(t, opened.Queue("telemetry"), fmt.Sprint(n)))
		images = append(images, d.clone())
		keys = append(keys, appendText(t, opened.Queue("telemetry"), fmt.Sprint(n)))
		_ = opened.Close()
	}
	for image, files := range images {
		q := open(t, files, small(Refuse)).Queue("telemetry")
		for index, key := range keys {
			// The image was made after message 2*image.
			expected := index > 2*image
			err := q.CheckRollback(key.Epoch, key.Sequence)
			if errors.Is(err, ErrRolledBack) != expected {
				t.Errorf("image %d, message %d: %v", image, index, err)
			}
		}
	}
}

func TestARestartWithoutMessagesIsNoRollback(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	key := appendText(t, opened.Queue("telemetry"), "one")
	_ = opened.Close()
	for range 100 {
		opened := open(t, d, small(Refuse))
		if err := opened.Queue("telemetry").CheckRollback(key.Epoch, key.Sequence); err != nil {
			t.Fatal(err)
		}
		_ = opened.Close()
	}
}

func TestAcknowledgementsThatCannotBeAreRefused(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	old := appendText(t, opened.Queue("telemetry"), "one")
	_ = opened.Close()
	q := open(t, d, small(Refuse)).Queue("telemetry")
	appendText(t, q, "two")
	for name, each := range map[string]struct {
		epoch    Epoch
		ranges   []Range
		expected error
	}{
		"never kept":    {q.Epoch(), []Range{{2, 3}}, ErrRolledBack},
		"older epoch":   {old.Epoch, []Range{{1, 2}}, ErrWrongEpoch},
		"newer epoch":   {q.Epoch(), []Range{{1, 1}}, ErrWrongEpoch},
		"unknown epoch": {newEpoch(1), []Range{{2, 2}}, ErrWrongEpoch},
		"second range":  {q.Epoch(), []Range{{2, 2}, {1, 1}}, ErrWrongEpoch},
	} {
		if err := q.Acknowledge(each.epoch, each.ranges...); !errors.Is(err, each.expected) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, each := range []Range{{0, 1}, {2, 1}} {
		if err := q.Acknowledge(q.Epoch(), each); err == nil {
			t.Errorf("%v is accepted", each)
		}
	}
	if got := texts(readAll(t, q)); got != "1:one 2:two " {
		t.Fatal(got)
	}
	if err := q.Acknowledge(old.Epoch, Range{1, 1}); err != nil {
		t.Fatal(err)
	}
	// A repetition is ignored, whatever its epoch.
	if err := q.Acknowledge(q.Epoch(), Range{1, 2}); err != nil {
		t.Fatal(err)
	}
}

func TestSeparateRangesAreLimited(t *testing.T) {
	q := open(t, newDisk(1), Class{Name: "telemetry", MaxBytes: 16 << 20, WhenFull: Refuse}).Queue("telemetry")
	appendBatch(q, make([]string, 2*maxDoneRanges+2)...)
	for n := range uint64(maxDoneRanges) {
		if err := q.Acknowledge(q.Epoch(), Range{2*n + 1, 2*n + 1}); err != nil {
			t.Fatal(err)
		}
	}
	last := uint64(2*maxDoneRanges + 1)
	if err := q.Acknowledge(q.Epoch(), Range{last, last}); !errors.Is(err, ErrTooManyRanges) {
		t.Fatal(err)
	}
	if err := q.Acknowledge(q.Epoch(), Range{2, 2}, Range{last, last}); err != nil {
		t.Fatal(err)
	}
	if metrics := q.Metrics(); metrics.Depth != uint64(2*maxDoneRanges+2-maxDoneRanges-2) {
		t.Fatal(metrics.Depth)
	}
}

func TestEpochText(t *testing.T) {
	epoch := newEpoch(6)
	if parsed, err := ParseEpoch(epoch.String()); err != nil || parsed != epoch || epoch.Number != 7 {
		t.Fatal(parsed, err)
	}
	for _, text := range []string{"", "7", "7-", "7-1", "-0123456789abcdef", "7-0123456789ABCDEF", "07-0123456789abcdef", "7-0123456789abcdef-"} {
		if _, err := ParseEpoch(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
