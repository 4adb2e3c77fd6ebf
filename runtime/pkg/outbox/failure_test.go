package outbox

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
)

// failSegments lets operations on segments fail as often as a count tells.
func failSegments(d *disk, counts map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = func(operation, path string) error {
		if (strings.HasSuffix(path, segmentSuffix) || operation == "syncdir") && counts[operation] > 0 {
			counts[operation]--
			return syscall.EIO
		}
		return nil
	}
}

// TestAMessageIsWrittenAgainAfterAFailedSync relies on the disk of the tests, whose second fsync succeeds without writing.
func TestAMessageIsWrittenAgainAfterAFailedSync(t *testing.T) {
	for seed := range uint64(50) {
		d := newDisk(seed)
		q := open(t, d, small(Refuse)).Queue("telemetry")
		appendText(t, q, "one")
		failSegments(d, map[string]int{"sync": 1})
		appendText(t, q, "two")
		appendText(t, q, "three")
		if q.Metrics().FailedWrites != 1 {
			t.Fatal(q.Metrics().FailedWrites)
		}
		if got := texts(readAll(t, open(t, d.cutPower(), small(Refuse)).Queue("telemetry"))); got != "1:one 2:two 3:three " {
			t.Fatal(got)
		}
	}
}

func TestAFailedMessageIsUncertainOnlyIfItMayBeOnDisk(t *testing.T) {
	for name, each := range map[string]struct {
		failures  map[string]int
		uncertain bool
	}{
		"writes fail":                     {map[string]int{"write": 2}, false},
		"writes and truncation fail":      {map[string]int{"write": 2, "truncate": 1}, true},
		"files cannot be created":         {map[string]int{"write": 1, "create": 1}, false},
		"syncs fail":                      {map[string]int{"sync": 3}, true},
		"a sync fails, and the new file":  {map[string]int{"sync": 1, "create": 1}, true},
		"writes and removal fail":         {map[string]int{"write": 2, "remove": 1}, true},
		"the folder cannot be synced":     {map[string]int{"write": 1, "syncdir": 1}, false},
		"the folder can never be synced":  {map[string]int{"write": 1, "syncdir": 2}, true},
		"everything that can fail, fails": {map[string]int{"write": 2, "sync": 2, "truncate": 2, "syncdir": 2, "create": 2}, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(1)
			q := open(t, d, small(Refuse)).Queue("telemetry")
			appendText(t, q, "one")
			failSegments(d, each.failures)
			_, err := q.Append(context.Background(), []byte("two"))
			if !errors.Is(err, syscall.EIO) || errors.Is(err, ErrUncertain) != each.uncertain {
				t.Fatal(err)
			}
			// The queue works again when the disk does.
			failSegments(d, nil)
			appendText(t, q, "three")
			if got := texts(readAll(t, open(t, d.cutPower(), small(Refuse)).Queue("telemetry"))); got != "1:one 2:three " {
				t.Fatal(got)
			}
		})
	}
}

func TestOpenFailsIfItsEpochIsNotDurable(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	_ = opened.Close()
	d.fail = func(operation, path string) error {
		if operation == "sync" {
			return syscall.EIO
		}
		return nil
	}
	if _, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{small(Refuse)}, FS: d}); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	d.fail = func(string, string) error { return nil }
	open(t, d, small(Refuse))
}

func TestAnAcknowledgementThatIsNotDurableFails(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, small(Refuse)).Queue("telemetry")
	if err := fill(q, 30); err != nil {
		t.Fatal(err)
	}
	d.fail = func(operation, path string) error {
		if operation == "sync" && strings.HasSuffix(path, stateFileName) {
			return syscall.EIO
		}
		return nil
	}
	before := len(d.files)
	if err := q.Acknowledge(q.Epoch(), Range{1, 30}); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if len(d.files) != before || len(readAll(t, q)) != 30 {
		t.Fatal("messages were deleted")
	}
	d.fail = func(string, string) error { return nil }
	if err := q.Acknowledge(q.Epoch(), Range{1, 30}); err != nil {
		t.Fatal(err)
	}
	// The state and the segment that is being written are left.
	if len(d.files) != 2 {
		t.Fatalf("%d files are left", len(d.files))
	}
}

func TestBlocksThatCannotBeReadCostTheirMessages(t *testing.T) {
	d := newDisk(1)
	class := Class{Name: "telemetry", MaxBytes: 16 << 20, WhenFull: Refuse}
	q := open(t, d, class).Queue("telemetry")
	if err := fill(q, 100); err != nil {
		t.Fatal(err)
	}
	bad := open(t, d.clone(), class)
	q = bad.Queue("telemetry")
	files := badBlock{FS: q.fs, at: 8192}
	q.fs = files
	got := readAll(t, q)
	lost := q.Metrics().Lost[LossCorrupt]
	// A block of 4096 bytes touches 20 or 21 records of about 208 bytes.
	if uint64(len(got))+lost != 100 || lost < 19 || lost > 21 {
		t.Fatalf("%d messages, %d lost", len(got), lost)
	}
}

// TestADiskThatCannotBeReadIsNotEmptied opens an outbox while nothing can be read, and again afterwards.
func TestADiskThatCannotBeReadIsNotEmptied(t *testing.T) {
	for _, suffix := range []string{stateFileName, segmentSuffix} {
		d := newDisk(1)
		opened := open(t, d, small(Refuse))
		appendBatch(opened.Queue("telemetry"), "one", "two")
		_ = opened.Close()
		d.fail = func(operation, path string) error {
			if operation == "read" && strings.HasSuffix(path, suffix) {
				return syscall.EIO
			}
			return nil
		}
		if _, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{small(Refuse)}, FS: d}); !errors.Is(err, syscall.EIO) {
			t.Fatal(err)
		}
		d.fail = func(string, string) error { return nil }
		q := open(t, d, small(Refuse)).Queue("telemetry")
		if got := texts(readAll(t, q)); got != "1:one 2:two " || q.Metrics().StateLost {
			t.Fatal(got)
		}
	}
}

// badBlock is a file system that cannot read one block of 4 KiB of each segment.
type badBlock struct {
	FS
	at int64
}

func (b badBlock) Open(path string) (File, error) {
	file, err := b.FS.Open(path)
	return badFile{file, b.at}, err
}

type badFile struct {
	File
	at int64
}

func (b badFile) ReadAt(buffer []byte, offset int64) (int, error) {
	if offset < b.at+blockSize && offset+int64(len(buffer)) > b.at {
		return 0, syscall.EIO
	}
	return b.File.ReadAt(buffer, offset)
}

// die ends an outbox as kill -9 does. What the kernel holds survives.
func die(d *disk, opened *Outbox) {
	d.dead = true
	d.fail = func(string, string) error { return errPower }
	_ = opened.Close()
	d.dead = false
	d.fail = func(string, string) error { return nil }
}

// TestWhatIsDeliveredAfterAFailedSyncAndAKillStays fails the fsync of a message, kills the process and, after the next
// start, cuts the power. A message that was delivered in between must not vanish.
func TestWhatIsDeliveredAfterAFailedSyncAndAKillStays(t *testing.T) {
	delivered := 0
	for seed := range uint64(30) {
		d := newDisk(seed)
		opened := open(t, d, small(Refuse))
		q := opened.Queue("telemetry")
		appendText(t, q, "one")
		failSegments(d, map[string]int{"sync": 3, "truncate": 1, "create": 1})
		if _, err := q.Append(context.Background(), []byte("two")); !errors.Is(err, ErrUncertain) {
			t.Fatal(err)
		}
		die(d, opened)
		before := texts(readAll(t, open(t, d, small(Refuse)).Queue("telemetry")))
		after := texts(readAll(t, open(t, d.cutPower(), small(Refuse)).Queue("telemetry")))
		if before != after {
			t.Fatalf("%q before the power cut, %q after it", before, after)
		}
		if before == "1:one 2:two " {
			delivered++
		}
	}
	if delivered == 0 {
		t.Fatal("the uncertain message was never delivered")
	}
}

// TestTheStateSurvivesAFailedSyncAKillAndAPowerCut does the same to an acknowledgement, and cuts the power while the next
// start writes the state.
func TestTheStateSurvivesAFailedSyncAKillAndAPowerCut(t *testing.T) {
	for seed := range uint64(100) {
		d := newDisk(seed)
		opened := open(t, d, small(Refuse))
		q := opened.Queue("telemetry")
		// A state of several sectors, so that it can be torn.
		appendBatch(q, make([]string, 200)...)
		for n := range uint64(50) {
			if err := q.Acknowledge(q.Epoch(), Range{2*n + 1, 2*n + 1}); err != nil {
				t.Fatal(err)
			}
		}
		d.fail = func(operation, path string) error {
			if operation == "sync" {
				return syscall.EIO
			}
			return nil
		}
		if err := q.Acknowledge(q.Epoch(), Range{150, 150}); !errors.Is(err, syscall.EIO) {
			t.Fatal(err)
		}
		die(d, opened)
		syncs := 0
		d.fail = func(operation, path string) error {
			if operation == "sync" && strings.HasSuffix(path, stateFileName) {
				syncs++
			}
			if syncs > 1 {
				return errPower
			}
			return nil
		}
		if _, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{small(Refuse)}, FS: d}); !errors.Is(err, errPower) {
			t.Fatal(err)
		}
		after := open(t, d.cutPower(), small(Refuse)).Queue("telemetry")
		if after.Metrics().StateLost {
			t.Fatal("the state is lost")
		}
	}
}

// TestWhatAFailedWriteLeftIsNotRead leaves two messages behind the end of a segment. Its last record and the first of the
// two are then damaged.
func TestWhatAFailedWriteLeftIsNotRead(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	q := opened.Queue("telemetry")
	appendBatch(q, "one", "two")
	failSegments(d, map[string]int{"sync": 1, "truncate": 1})
	appendBatch(q, "three", "four")
	appendText(t, q, "five")
	_ = opened.Close()
	damaged := d.files[segmentPath("/outbox/telemetry", 1)].data
	damaged[segmentHeaderSize+2*recordHeaderSize+4] ^= 1
	damaged[segmentHeaderSize+3*recordHeaderSize+7] ^= 1
	q = open(t, d, small(Refuse)).Queue("telemetry")
	if got := texts(readAll(t, q)); got != "1:one 3:three 4:four 5:five " {
		t.Fatal(got)
	}
}
