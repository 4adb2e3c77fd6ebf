package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// holdSync makes the next fsync of a segment wait. It returns a channel that tells that it waits, and a function that lets
// it continue.
func holdSync(d *disk) (waiting chan struct{}, release func()) {
	waiting, released := make(chan struct{}), make(chan struct{})
	var once sync.Once
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = func(operation, path string) error {
		if operation == "sync" && strings.HasSuffix(path, segmentSuffix) {
			once.Do(func() {
				d.mu.Unlock()
				close(waiting)
				<-released
				d.mu.Lock()
			})
		}
		return nil
	}
	return waiting, func() { close(released) }
}

func TestAppendReturnsAfterTheSync(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, small(Refuse)).Queue("telemetry")
	waiting, release := holdSync(d)
	returned := make(chan error)
	go func() {
		_, err := q.Append(context.Background(), []byte("one"))
		returned <- err
	}()
	<-waiting
	select {
	case <-returned:
		t.Fatal("Append returned before fsync")
	case <-time.After(20 * time.Millisecond):
	}
	if _, err := q.Reader(0).Next(); !errors.Is(err, ErrNoMessage) || q.Newest() != 0 {
		t.Fatal("a message is readable before it is durable")
	}
	release()
	if err := <-returned; err != nil {
		t.Fatal(err)
	}
}

func TestAppendsAtTheSameTimeShareOneSync(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, Class{Name: "telemetry", MaxBytes: 16 << 20, WhenFull: Refuse}).Queue("telemetry")
	waiting, release := holdSync(d)
	var all sync.WaitGroup
	appendOne := func() {
		if _, err := q.Append(context.Background(), []byte("x")); err != nil {
			t.Error(err)
		}
	}
	all.Go(appendOne)
	<-waiting
	for range 100 {
		all.Go(appendOne)
	}
	for pending := 0; pending < 100; {
		q.mu.Lock()
		pending = len(q.pending)
		q.mu.Unlock()
	}
	release()
	all.Wait()
	if metrics := q.Metrics(); metrics.Commits != 2 || metrics.Appended != 101 {
		t.Fatalf("%d commits for %d messages", metrics.Commits, metrics.Appended)
	}
}

func TestACancelledAppendTellsWhetherTheMessageMayBeKept(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, small(Refuse)).Queue("telemetry")
	waiting, release := holdSync(d)
	ctx, cancel := context.WithCancel(context.Background())
	errs := make(chan error)
	appendOne := func(payload string) {
		_, err := q.Append(ctx, []byte(payload))
		errs <- fmt.Errorf("%s: %w", payload, err)
	}
	go appendOne("writing")
	<-waiting
	go appendOne("pending")
	for pending := 0; pending < 1; {
		q.mu.Lock()
		pending = len(q.pending)
		q.mu.Unlock()
	}
	cancel()
	for range 2 {
		err := <-errs
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if uncertain := strings.HasPrefix(err.Error(), "writing"); errors.Is(err, ErrUncertain) != uncertain {
			t.Fatal(err)
		}
	}
	if _, err := q.Append(ctx, []byte("late")); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUncertain) {
		t.Fatal(err)
	}
	release()
	appendText(t, q, "next")
	if got := texts(readAll(t, q)); got != "1:writing 2:next " {
		t.Fatal(got)
	}
}

func TestCloseWritesWhatIsPending(t *testing.T) {
	d := newDisk(1)
	opened := open(t, d, small(Refuse))
	q := opened.Queue("telemetry")
	waiting, release := holdSync(d)
	errs := make(chan error)
	appendOne := func() {
		_, err := q.Append(context.Background(), []byte("x"))
		errs <- err
	}
	go appendOne()
	<-waiting
	go appendOne()
	for pending := 0; pending < 1; {
		q.mu.Lock()
		pending = len(q.pending)
		q.mu.Unlock()
	}
	closed := make(chan error)
	go func() { closed <- opened.Close() }()
	for isClosed := false; !isClosed; {
		q.mu.Lock()
		isClosed = q.closed
		q.mu.Unlock()
	}
	release()
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if _, err := q.Append(context.Background(), nil); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := q.Wait(context.Background(), 100); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if got := len(readAll(t, open(t, d.cutPower(), small(Refuse)).Queue("telemetry"))); got != 2 {
		t.Fatal(got)
	}
}

func TestMessagesOfAnySizeUpToTheLimit(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, Class{Name: "telemetry", MaxBytes: 64 << 20, MaxMessageBytes: MaxMessageBytes, WhenFull: Refuse}).Queue("telemetry")
	sizes := []int{0, 1, chunkSize, maxBatchBytes + 1, MaxMessageBytes}
	for _, size := range sizes {
		appendText(t, q, strings.Repeat("x", size))
	}
	if _, err := q.Append(context.Background(), make([]byte, MaxMessageBytes+1)); !errors.Is(err, ErrTooLarge) {
		t.Fatal(err)
	}
	for n, each := range readAll(t, q) {
		if len(each.Payload) != sizes[n] {
			t.Fatalf("%d bytes, want %d", len(each.Payload), sizes[n])
		}
	}
}

// TestGoroutines appends, reads, acknowledges and asks for metrics at the same time.
func TestGoroutines(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, small(Refuse)).Queue("telemetry")
	const producers, each = 8, 100
	var all sync.WaitGroup
	for n := range producers {
		all.Go(func() {
			for count := 0; count < each; {
				_, err := q.Append(context.Background(), fmt.Appendf(nil, "%d %d %s", n, count, strings.Repeat("x", 100)))
				if err == nil {
					count++
				} else if !errors.Is(err, ErrFull) {
					t.Error(err)
					return
				}
			}
		})
	}
	received := map[string]uint64{}
	reader := q.Reader(0)
	for len(received) < producers*each {
		message, err := reader.Next()
		if errors.Is(err, ErrNoMessage) {
			if err := q.Wait(context.Background(), uint64(len(received))); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		received[string(message.Payload)] = message.Key.Sequence
		if err := q.Acknowledge(message.Key.Epoch, Range{First: message.Key.Sequence, Last: message.Key.Sequence}); err != nil {
			t.Fatal(err)
		}
		q.Metrics()
	}
	all.Wait()
	if metrics := q.Metrics(); metrics.Depth != 0 || metrics.Acknowledged != producers*each {
		t.Fatalf("%+v", metrics)
	}
}

// TestEnqueuedMessagesKeepTheirOrderAndShareASync begins many appends from one goroutine, and waits only afterwards.
func TestEnqueuedMessagesKeepTheirOrderAndShareASync(t *testing.T) {
	d := newDisk(1)
	q := open(t, d, Class{Name: "telemetry", MaxBytes: 16 << 20, WhenFull: Refuse}).Queue("telemetry")
	waiting, release := holdSync(d)
	var appends []*PendingAppend
	enqueue := func(text string) {
		appended, err := q.Enqueue([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		appends = append(appends, appended)
	}
	enqueue("0")
	<-waiting
	for n := 1; n < 100; n++ {
		enqueue(fmt.Sprint(n))
	}
	release()
	for n, each := range appends {
		key, err := each.Wait(context.Background())
		if err != nil || key.Sequence != uint64(n+1) {
			t.Fatalf("message %d has the key %s: %v", n, key, err)
		}
	}
	if commits := q.Metrics().Commits; commits != 2 {
		t.Errorf("%d commits, want 2: the message that waited for the disk and all others", commits)
	}
	if _, err := q.Enqueue(make([]byte, 1<<20)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}
