package corespeed

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestASliceTakesItsTimeAndMeasuresWork(t *testing.T) {
	start := threadTime()
	speed := runSlice()
	if used := threadTime() - start; used < sliceTime || used > 3*sliceTime {
		t.Errorf("a slice took %v of CPU time", used)
	}
	// A slice that counts more rounds than its CPU time allows would be wrong by a factor; noise is far below that.
	if again := runSlice(); speed <= 0 || again < speed/3 || again > speed*3 {
		t.Errorf("got %v and %v rounds per second", speed, again)
	}
}

func TestMeasureEndsWithItsContextAndKeepsThePriority(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := Measure(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
	// The kernel returns 20 minus the nice value.
	if priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0); err != nil || priority == 20-lowestPriority {
		t.Errorf("the priority of the process is %d, %v", priority, err)
	}
}

func TestAStoredSpeedCountsForItsProcessorOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "speed.json")
	expect := func(model string, want float64) {
		t.Helper()
		if got, found := Load(file, model); got != want || found != (want != 0) {
			t.Errorf("%s: got %v %v, want %v", model, got, found, want)
		}
	}
	expect("a", 0)
	if err := Store(file, "a", 1.5); err != nil {
		t.Fatal(err)
	}
	expect("a", 1.5)
	expect("b", 0)
	for _, content := range []string{"", "{", `{"version":0,"model":"a","speed":1}`, `{"version":1,"model":"a","speed":0}`, `{"version":1,"model":"a","speed":-1}`} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		expect("a", 0)
	}
	if err := Store(filepath.Join(t.TempDir(), "missing", "speed.json"), "a", 1); err == nil {
		t.Error("stored in a folder that does not exist")
	}
}

func TestModel(t *testing.T) {
	for want, cpuinfo := range map[string]string{
		"Intel(R) N100":    "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) N100\ncpu MHz\t\t: 2000.1\n\nprocessor\t: 1\nmodel name\t: other\n",
		"0x41 0x0 0xd08 3": "processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n",
		"":                 "",
	} {
		if got := Model(cpuinfo); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
