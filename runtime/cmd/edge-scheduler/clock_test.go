package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestClockIsOffByTheDurationInItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock-offset")
	clock := newClock(file)
	for _, step := range []struct {
		content string
		offset  time.Duration
	}{{"20m\n", 20 * time.Minute}, {"-1h", -time.Hour}, {"soon", 0}} {
		if err := os.WriteFile(file, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		expectNear(t, step.content, clock.Now(), time.Now().Add(step.offset))
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	expectNear(t, "no file", clock.Now(), time.Now())
	expectNear(t, "no variable", newClock("").Now(), time.Now())
}

func expectNear(t *testing.T, name string, got, want time.Time) {
	t.Helper()
	if off := want.Sub(got).Abs(); off > time.Minute {
		t.Errorf("%s: off by %s", name, off)
	}
}
