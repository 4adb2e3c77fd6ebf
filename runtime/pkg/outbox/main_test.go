package outbox

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random tests (default: random)")

// randomOf returns random numbers whose seed the test prints.
func randomOf(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("repeat with -run '^%s$' -seed %d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv("OUTBOX_TEST_CHILD"); dir != "" {
		appendUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// small is a class whose segments hold a few messages.
func small(policy FullPolicy) Class {
	return Class{Name: "telemetry", MaxBytes: 64 << 10, SegmentBytes: 2048, MaxMessageBytes: 1024, WhenFull: policy}
}

func open(t *testing.T, files FS, class Class) *Outbox {
	t.Helper()
	opened, err := Open(Options{Dir: "/outbox", Node: "gateway-1", Classes: []Class{class}, FS: files})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

func appendText(t *testing.T, q *Queue, text string) Key {
	t.Helper()
	key, err := q.Append(context.Background(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// appendBatch appends messages in one batch.
func appendBatch(q *Queue, payloads ...string) []*PendingAppend {
	var appends []*PendingAppend
	for _, payload := range payloads {
		appends = append(appends, &PendingAppend{queue: q, payload: []byte(payload)})
	}
	q.mu.Lock()
	q.pending = append(q.pending, appends...)
	q.mu.Unlock()
	q.signal()
	for _, each := range appends {
		_, _ = each.Wait(context.Background())
	}
	return appends
}

// keyOf returns the key of a message that is on disk.
func keyOf(t testing.TB, appended *PendingAppend) Key {
	t.Helper()
	key, err := appended.Wait(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// readAll returns all waiting messages.
func readAll(t *testing.T, q *Queue) []Message {
	t.Helper()
	var messages []Message
	for reader := q.Reader(0); ; {
		message, err := reader.Next()
		if err == ErrNoMessage {
			return messages
		}
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, message)
	}
}

func texts(messages []Message) string {
	text := ""
	for _, each := range messages {
		text += fmt.Sprintf("%d:%.12s ", each.Key.Sequence, each.Payload)
	}
	return text
}
