package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestTwoLanes(t *testing.T) {
	q := open(t, newDisk(1), small(Refuse)).Queue("telemetry")
	if err := fill(q, 40); err != nil {
		t.Fatal(err)
	}
	live, backlog := q.Reader(q.Newest()+1), q.Reader(0)
	if _, err := live.Next(); !errors.Is(err, ErrNoMessage) {
		t.Fatal(err)
	}
	appendText(t, q, "live")
	message, err := live.Next()
	if err != nil || string(message.Payload) != "live" {
		t.Fatal(message, err)
	}
	if err := q.Acknowledge(message.Key.Epoch, Range{41, 41}, Range{3, 20}); err != nil {
		t.Fatal(err)
	}
	// The backlog passes over what was acknowledged.
	var sequences []uint64
	for {
		message, err := backlog.Next()
		if err != nil {
			break
		}
		sequences = append(sequences, message.Key.Sequence)
	}
	if got := fmt.Sprint(sequences); got != "[1 2 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40]" {
		t.Fatal(got)
	}
}

func TestReadingFromAnySequence(t *testing.T) {
	q := open(t, newDisk(1), small(Refuse)).Queue("telemetry")
	if err := fill(q, 50); err != nil {
		t.Fatal(err)
	}
	for from := range uint64(52) {
		message, err := q.Reader(from).Next()
		if from > 50 {
			if !errors.Is(err, ErrNoMessage) {
				t.Fatal(message, err)
			}
			continue
		}
		if expected := max(from, 1); err != nil || message.Key.Sequence != expected || !strings.HasPrefix(string(message.Payload), fmt.Sprintf("%d x", expected)) {
			t.Fatal(message, err)
		}
	}
}

func TestWait(t *testing.T) {
	q := open(t, newDisk(1), small(Refuse)).Queue("telemetry")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := q.Wait(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	waited := make(chan error)
	go func() { waited <- q.Wait(context.Background(), 1) }()
	appendText(t, q, "one")
	appendText(t, q, "two")
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
}

func TestARealFolder(t *testing.T) {
	options := diskOptions(t.TempDir() + "/new/folder")
	opened, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	q := opened.Queue("telemetry")
	if err := fill(q, 200); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(options); err == nil || !strings.Contains(err.Error(), "in use by another process") {
		t.Fatal(err)
	}
	if err := q.Acknowledge(q.Epoch(), Range{1, 150}); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(options.Dir + "/telemetry")
	if err != nil || len(names) != q.Metrics().Segments+1 || len(names) > 3 {
		t.Fatal(names, err)
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	opened, err = Open(options)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if got := len(readAll(t, opened.Queue("telemetry"))); got != 50 {
		t.Fatal(got)
	}
	if opened.Queue("unknown") != nil || len(opened.Metrics()) != 1 {
		t.Fatal("classes")
	}
}

func TestAMillionMessagesTakeNoMemory(t *testing.T) {
	options := diskOptions(t.TempDir())
	options.Classes[0].MaxBytes = 1 << 30
	options.Classes[0].SegmentBytes = 0
	heap := func() int64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	const batch, batches = 4000, 250
	opened, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	payloads := make([]string, batch)
	for n := range payloads {
		payloads[n] = strings.Repeat("x", 16)
	}
	before := heap()
	for range batches {
		appendBatch(opened.Queue("telemetry"), payloads...)
	}
	appended := heap()
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if opened, err = Open(options); err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	took := time.Since(started)
	q := opened.Queue("telemetry")
	reader := q.Reader(0)
	for sequence := uint64(1); sequence <= batch*batches; sequence++ {
		message, err := reader.Next()
		if err != nil || message.Key.Sequence != sequence {
			t.Fatal(message, err)
		}
	}
	read := heap()
	metrics := q.Metrics()
	t.Logf("%d messages in %d segments, %d bytes; the heap grew by %d KiB while appending, %d KiB with all read; opened in %s",
		metrics.Depth, metrics.Segments, metrics.Bytes, (appended-before)>>10, (read-before)>>10, took)
	if max(appended, read)-before > 2<<20 {
		t.Fatal("the heap grows with the number of messages")
	}
	runtime.KeepAlive(reader)
}

func TestAllProblemsOfOptionsAreReported(t *testing.T) {
	_, err := Open(Options{Node: "Gateway 1", Classes: []Class{
		{Name: "a", MaxBytes: 1, WhenFull: Refuse},
		{Name: "a", MaxBytes: 1 << 30, MaxMessageBytes: 2 << 20, MaxAge: time.Second},
	}})
	for _, expected := range []string{
		"dir: must not be empty", `node: "Gateway 1": must be a DNS subdomain`, "classes[0].maxBytes: 1: must be at least",
		`classes[1].name: "a": duplicate value`, `classes[1].whenFull: "": must be one of Refuse, DropOldest`,
		"classes[1].maxMessageBytes: 2097152: must be between 1 and 1048576", "classes[1].maxAge: 1s: must be 0 or at least 1m",
	} {
		if err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%q is missing in %v", expected, err)
		}
	}
	if _, err := Open(Options{Dir: "x", Node: "n"}); err == nil || !strings.Contains(err.Error(), "classes: must not be empty") {
		t.Error(err)
	}
}

func TestSeekGoesForwardAndBack(t *testing.T) {
	q := open(t, newDisk(1), small(Refuse)).Queue("telemetry")
	for n := 1; n <= 200; n++ {
		appendText(t, q, fmt.Sprintf("message %d", n))
	}
	reader := q.Reader(0)
	for _, sequence := range []uint64{5, 6, 150, 199, 2, 200, 1} {
		reader.Seek(sequence)
		if message, err := reader.Next(); err != nil || message.Key.Sequence != sequence {
			t.Errorf("sought %d, got %v: %v", sequence, message.Key, err)
		}
	}
	if lost := q.Metrics().Losses; len(lost) > 0 {
		t.Errorf("seeking lost %v", lost)
	}
}
