package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestPlatforms compiles the programs of the cloud's side for a processor with 32 bits, where int is smaller.
func TestPlatforms(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes in an empty cache: it compiles SQLite for another platform")
	}
	build := exec.Command("go", "build", "-trimpath", "-o", t.TempDir(), ".", "../site-sync")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm", "GOARM=7", "CGO_ENABLED=0", "GOWORK=off")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}
