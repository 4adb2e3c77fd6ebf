//go:build unix

package outbox

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// outageCase is a class that must keep every message of an outage. The file is also read by the tests of
// fleet/edge-data/outbox-size.ts, which computes maxBytes.
type outageCase struct {
	Name            string
	MessageBytes    int
	MaxMessageBytes int
	Messages        int
	Restarts        int
	MaxBytes        int64
}

func outageCases(t *testing.T) []outageCase {
	data, err := os.ReadFile("../../../test/fixtures/outbox-sizes.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []outageCase
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	return cases
}

// unsynced is the file system without fsync, so that an outage of hours takes seconds.
type unsynced struct{ osFS }

type unsyncedFile struct{ File }

func (unsyncedFile) Sync() error { return nil }

func (unsynced) SyncDir(string) error { return nil }

func (u unsynced) Create(path string) (File, error) {
	file, err := u.osFS.Create(path)
	return unsyncedFile{file}, err
}

func (u unsynced) Open(path string) (File, error) {
	file, err := u.osFS.Open(path)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{file}, nil
}

// appendOutage appends the messages of an outage, in batches of different sizes, with restarts in between.
func appendOutage(t *testing.T, dir string, outage outageCase, producers int) Metrics {
	t.Helper()
	class := Class{
		Name: "telemetry", MaxBytes: outage.MaxBytes, MaxMessageBytes: outage.MaxMessageBytes, WhenFull: Refuse,
	}
	payload := make([]byte, outage.MessageBytes)
	var last Metrics
	for run := range outage.Restarts + 1 {
		opened, err := Open(Options{Dir: dir, Node: "gateway-1", Classes: []Class{class}, FS: unsynced{}})
		if err != nil {
			t.Fatal(err)
		}
		queue := opened.Queue(class.Name)
		first, end := outage.Messages*run/(outage.Restarts+1), outage.Messages*(run+1)/(outage.Restarts+1)
		var waiting sync.WaitGroup
		for producer := range producers {
			waiting.Go(func() {
				for range (end - first + producers - 1 - producer) / producers {
					if _, err := queue.Append(t.Context(), payload); err != nil {
						t.Errorf("with %d messages: %v", queue.Newest(), err)
						return
					}
				}
			})
		}
		waiting.Wait()
		last = queue.Metrics()
		if err := opened.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// spaceOnDisk returns the blocks of all files and folders below a folder, as du does.
func spaceOnDisk(t *testing.T, dir string) int64 {
	t.Helper()
	var total int64
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err == nil {
			total += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

func TestAClassKeepsTheOutageThatItIsSizedFor(t *testing.T) {
	// The state of the class, its folder and that of the outbox, and the file that locks it.
	const beside = 128<<10 + 3*blockSize
	for _, outage := range outageCases(t) {
		for _, producers := range []int{1, 7, 64} {
			dir := t.TempDir()
			kept := appendOutage(t, dir, outage, producers)
			if kept.Refused > 0 || kept.Depth != uint64(outage.Messages) {
				t.Errorf("%s, %d producers: %d of %d messages kept", outage.Name, producers, kept.Depth, outage.Messages)
			}
			// The size is no wild guess either. Small classes have at least room for their largest messages.
			if outage.MaxBytes > 4<<20 && float64(kept.Bytes) < 0.9*float64(outage.MaxBytes) {
				t.Errorf("%s, %d producers: only %d of %d bytes used", outage.Name, producers, kept.Bytes, outage.MaxBytes)
			}
			space := spaceOnDisk(t, dir)
			if space > outage.MaxBytes+beside {
				t.Errorf("%s, %d producers: %d bytes on disk, sized for %d", outage.Name, producers, space, outage.MaxBytes)
			}
			t.Logf("%s, %d producers: %.1f %% of the class in %d segments", outage.Name, producers,
				100*float64(kept.Bytes)/float64(outage.MaxBytes), kept.Segments)
		}
	}
}
