package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAClockIsWrongByWhatItsFileSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock-offset")
	clock := clockFrom(file)
	for _, step := range []struct {
		written string
		wrongBy time.Duration
	}{{"20m\n", 20 * time.Minute}, {"-1h", -time.Hour}, {"soon", 0}} {
		if err := os.WriteFile(file, []byte(step.written), 0o600); err != nil {
			t.Fatal(err)
		}
		expectNear(t, step.written, clock.Now(), time.Now().Add(step.wrongBy))
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	expectNear(t, "no file", clock.Now(), time.Now())
	expectNear(t, "no variable", clockFrom("").Now(), time.Now())
}

func expectNear(t *testing.T, of string, got, want time.Time) {
	t.Helper()
	if off := want.Sub(got).Abs(); off > time.Minute {
		t.Errorf("%s: off by %s", of, off)
	}
}
