package edgechain

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// programs is the folder of the agent and the ingest, compiled as for their images.
var programs string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if testing.Short() {
		return m.Run()
	}
	var err error
	if programs, err = os.MkdirTemp("", "edgechain"); err == nil {
		defer os.RemoveAll(programs)
		err = compile()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return m.Run()
}

// skipShort skips a test that takes long.
func skipShort(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute: programs are killed again and again")
	}
}

func compile() error {
	for name, tags := range map[string]string{"edge-agent": "modbus,onewire,nethttpomithttp2", "edge-ingest": ""} {
		build := exec.Command("go", "build", "-trimpath", "-tags", tags, "-ldflags", "-s -w", "-o", filepath.Join(programs, name), "../../cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		if text, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, text)
		}
	}
	return nil
}
