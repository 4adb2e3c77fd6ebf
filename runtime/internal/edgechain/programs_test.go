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
	if testing.Short() {
		// Every test here takes long.
		return
	}
	folder, err := os.MkdirTemp("", "edgechain")
	if err == nil {
		programs = folder
		err = compile()
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(folder)
	os.Exit(code)
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
