package outbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// damageable is a disk whose last segment holds a batch of three messages, two single ones and a batch of two. The state
// was last written when the outbox was opened.
type damageable struct {
	disk *disk
	path string
	// records are the records' places in the segment.
	records []struct{ begin, end int64 }
	// proven is the sequence of the last message before the last batch.
	proven uint64
}

func newDamageable(t *testing.T) damageable {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	q := opened.Queue("telemetry")
	appendBatch(q, "one", "two", "three")
	appendText(t, q, strings.Repeat("4", 100))
	appendText(t, q, "")
	appendBatch(q, "six", "seven")
	made := damageable{disk: d.clone(), path: q.segmentPath(1), proven: 5}
	at := int64(segmentHeaderSize)
	for _, size := range []int64{3, 3, 5, 100, 0, 3, 5} {
		end := at + recordHeaderSize + size
		made.records = append(made.records, struct{ begin, end int64 }{at, end})
		at = end
	}
	if size := int64(len(made.disk.files[made.path].data)); size != at {
		t.Fatalf("segment of %d bytes, want %d", size, at)
	}
	return made
}

// check opens the disk after damage to some records and checks what is delivered and reported.
func (d damageable) check(t *testing.T, damaged *disk, hit func(begin, end int64) bool, what string) {
	t.Helper()
	opened, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{small(Refuse)}, FS: damaged})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer opened.Close()
	q := opened.Queue("telemetry")
	var whole []uint64
	for n, each := range d.records {
		if !hit(each.begin, each.end) {
			whole = append(whole, uint64(n+1))
		}
	}
	var delivered []uint64
	for _, each := range readAll(t, q) {
		delivered = append(delivered, each.Key.Sequence)
	}
	if !slices.Equal(delivered, whole) {
		t.Fatalf("%s: delivered %v, want %v", what, delivered, whole)
	}
	metrics := q.Metrics()
	last := uint64(0)
	if len(whole) > 0 {
		last = whole[len(whole)-1]
	}
	// A later batch proves that the messages before it were durable.
	proven := uint64(0)
	for _, start := range []uint64{4, 5, 6} {
		if slices.Contains(whole, start) {
			proven = start - 1
		}
	}
	var corrupt, torn uint64
	for sequence := uint64(1); sequence <= last; sequence++ {
		if slices.Contains(whole, sequence) {
			continue
		}
		if sequence <= proven {
			corrupt++
		} else {
			torn++
		}
		if !slices.ContainsFunc(metrics.Losses, func(loss Loss) bool { return loss.First <= sequence && sequence <= loss.Last }) {
			t.Fatalf("%s: %d is lost and not reported: %v", what, sequence, metrics.Losses)
		}
	}
	if metrics.Lost[LossCorrupt] != corrupt || metrics.Lost[LossTorn] != torn {
		t.Fatalf("%s: lost %v, want %d corrupt and %d torn", what, metrics.Lost, corrupt, torn)
	}
	if key := appendText(t, q, "next"); key.Sequence != last+1 {
		t.Fatalf("%s: the next message is %d, want %d", what, key.Sequence, last+1)
	}
}

func TestEachBitFlippedInTheLastSegmentCostsOneMessage(t *testing.T) {
	made := newDamageable(t)
	for at := range int64(len(made.disk.files[made.path].data)) {
		for bit := range 8 {
			damaged := made.disk.clone()
			damaged.files[made.path].data[at] ^= 1 << bit
			made.check(t, damaged, func(begin, end int64) bool { return begin <= at && at < end }, fmt.Sprintf("bit %d of byte %d flipped", bit, at))
		}
	}
}

func TestTheLastSegmentMayEndAnywhere(t *testing.T) {
	made := newDamageable(t)
	for size := range int64(len(made.disk.files[made.path].data)) {
		damaged := made.disk.clone()
		damaged.files[made.path].data = damaged.files[made.path].data[:size]
		made.check(t, damaged, func(_, end int64) bool { return end > size }, fmt.Sprintf("truncated to %d bytes", size))
	}
}

func TestTheStateProvesLossesAtTheEnd(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	appendBatch(opened.Queue("telemetry"), "one", "two", "three")
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	path := segmentPath("/outbox/telemetry", 1)
	d.files[path].data = d.files[path].data[:segmentHeaderSize+recordHeaderSize+3]
	q := open(t, d, small(Refuse)).Queue("telemetry")
	if got := texts(readAll(t, q)); got != "1:one " {
		t.Fatal(got)
	}
	if losses := fmt.Sprint(q.Metrics().Losses); losses != "[{{2 3} Corrupt}]" {
		t.Fatal(losses)
	}
	if key := appendText(t, q, "four"); key.Sequence != 4 {
		t.Fatalf("the sequence %d is used again", key.Sequence)
	}
}

func TestDamageInAnOlderSegmentIsFoundWhenItIsRead(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	for n := range 40 {
		appendText(t, opened.Queue("telemetry"), fmt.Sprintf("message %d %s", n+1, strings.Repeat("x", 100)))
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	// The third record of the first segment, and the whole of the second segment.
	segments := open(t, d.clone(), small(Refuse)).Queue("telemetry").segments
	damaged := d.files[segmentPath("/outbox/telemetry", 1)].data
	damaged[segmentHeaderSize+2*(recordHeaderSize+110)+50] ^= 4
	delete(d.files, segmentPath("/outbox/telemetry", segments[1].first))
	q := open(t, d, small(Refuse)).Queue("telemetry")
	got := readAll(t, q)
	// The file of the first segment of another disk is missing.
	missing := d.clone()
	delete(missing.files, segmentPath("/outbox/telemetry", 1))
	if got := readAll(t, open(t, missing, small(Refuse)).Queue("telemetry")); got[0].Key.Sequence != segments[2].first {
		t.Fatal(texts(got))
	}
	lost := 1 + segments[2].first - segments[1].first
	if uint64(len(got)) != 40-lost {
		t.Fatalf("%d messages, want %d: %s", len(got), 40-lost, texts(got))
	}
	expected := fmt.Sprintf("[{{3 3} Corrupt} {{%d %d} Corrupt}]", segments[1].first, segments[2].first-1)
	if losses := fmt.Sprint(q.Metrics().Losses); losses != expected {
		t.Fatalf("%s, want %s", losses, expected)
	}
	if metrics := q.Metrics(); metrics.Depth != 40-lost {
		t.Fatalf("depth %d", metrics.Depth)
	}
}

func TestADamagedStateCausesRepetitionNotLoss(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	q := opened.Queue("telemetry")
	keys := appendBatch(q, "one", "two")
	if err := q.Acknowledge(q.Epoch(), Range{First: 1, Last: 1}); err != nil {
		t.Fatal(err)
	}
	_ = opened.Close()
	state := d.files["/outbox/telemetry/state"].data
	for _, at := range []int{100, slotSize + 100} {
		state[at] ^= 1
	}
	q = open(t, d, small(Refuse)).Queue("telemetry")
	got := readAll(t, q)
	if texts(got) != "1:one 2:two " || got[0].Key != keyOf(t, keys[0]) {
		t.Fatal(got)
	}
	if !q.Metrics().StateLost {
		t.Fatal("not reported")
	}
}
