package outbox

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// diskOptions configure an outbox on the real disk.
func diskOptions(dir string) Options {
	return Options{Dir: dir, Node: "gateway-1", Classes: []Class{{
		Name: "telemetry", MaxBytes: 16 << 20, SegmentBytes: 16 << 10, MaxMessageBytes: 1024, WhenFull: Refuse,
	}}}
}

// appendUntilKilled is a child process. It appends from several goroutines and prints each key when Append has returned.
func appendUntilKilled(dir string) {
	opened, err := Open(diskOptions(dir))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	q := opened.Queue("telemetry")
	var output sync.Mutex
	for n := range 8 {
		go func() {
			for count := 0; ; count++ {
				payload := fmt.Sprintf("%s/%d/%d", q.Epoch(), n, count)
				key, err := q.Append(context.Background(), []byte(payload))
				output.Lock()
				if err != nil {
					fmt.Println("error", err)
				} else {
					fmt.Println(key, payload)
				}
				output.Unlock()
			}
		}()
	}
	select {}
}

// TestAcknowledgedMessagesSurviveKills kills a process that appends, at a random moment, 200 times. Every message whose
// Append had returned is there exactly once, until the cloud acknowledges it.
func TestAcknowledgedMessagesSurviveKills(t *testing.T) {
	random := randomOf(t)
	dir := t.TempDir()
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	kept := map[string]string{}
	acknowledged := map[string]bool{}
	total := 0
	for round := range rounds {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "OUTBOX_TEST_CHILD="+dir)
		output, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(5+random.IntN(40))*time.Millisecond, func() { _ = child.Process.Kill() })
		reader := bufio.NewReader(output)
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				// The last line may be incomplete.
				break
			}
			key, payload, _ := strings.Cut(strings.TrimSpace(line), " ")
			if key == "error" {
				t.Fatalf("round %d: %s", round, line)
			}
			kept[key] = payload
			total++
		}
		_ = child.Wait()

		opened, err := Open(diskOptions(dir))
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		q := opened.Queue("telemetry")
		messages := readAll(t, q)
		found := map[string]string{}
		payloads := map[string]bool{}
		for _, each := range messages {
			key, payload := each.Key.String(), string(each.Payload)
			if found[key] != "" || payloads[payload] {
				t.Fatalf("round %d: %s is there twice", round, key)
			}
			if acknowledged[key] {
				t.Fatalf("round %d: %s was acknowledged by the cloud", round, key)
			}
			found[key], payloads[payload] = payload, true
		}
		for key, payload := range kept {
			if found[key] != payload {
				t.Fatalf("round %d: %s is lost: %q", round, key, found[key])
			}
		}
		// The cloud acknowledges a random half.
		for index := 0; index < len(messages); {
			begin := messages[index].Key
			end := index
			for end+1 < len(messages) && end-index < 300 && messages[end+1].Key.Epoch == begin.Epoch {
				end++
			}
			if random.IntN(2) == 0 {
				if err := q.Acknowledge(begin.Epoch, Range{First: begin.Sequence, Last: messages[end].Key.Sequence}); err != nil {
					t.Fatal(err)
				}
				for _, each := range messages[index : end+1] {
					delete(kept, each.Key.String())
					acknowledged[each.Key.String()] = true
				}
			}
			index = end + 1
		}
		if metrics := q.Metrics(); metrics.Lost[LossCorrupt]+metrics.Lost[LossTorn] > 0 {
			t.Fatalf("round %d: %v", round, metrics.Losses)
		}
		if err := opened.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "telemetry", "*"))
	t.Logf("%d messages over %d kills, %d wait in %d files", total, rounds, len(kept), len(files))
	if total < 10*rounds {
		t.Fatalf("only %d messages in %d rounds", total, rounds)
	}
}
