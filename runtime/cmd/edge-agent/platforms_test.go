package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxSize is the size of the program that its documentation promises, in bytes.
const maxSize = 8_000_000

// TestPlatforms builds the program for all platforms, as a release does: with all drivers, static, and within its size. It has
// no HTTP/2, which its pages do not need.
func TestPlatforms(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes in an empty cache: it compiles the standard library for four platforms")
	}
	for _, platform := range []struct{ name, system, architecture string }{
		{"linux-arm64", "linux", "arm64"}, {"linux-arm-v7", "linux", "arm"}, {"linux-amd64", "linux", "amd64"}, {"windows-amd64", "windows", "amd64"},
	} {
		t.Run(platform.name, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "edge-agent")
			build := exec.Command("go", "build", "-trimpath", "-tags", "modbus,onewire,nethttpomithttp2", "-ldflags", "-s -w", "-o", output, ".")
			build.Env = append(os.Environ(), "GOOS="+platform.system, "GOARCH="+platform.architecture, "GOARM=7", "CGO_ENABLED=0", "GOWORK=off")
			if text, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			info, err := os.Stat(output)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes", info.Size())
			if info.Size() > maxSize {
				t.Errorf("it has %d bytes, more than %d", info.Size(), maxSize)
			}
			if platform.system == "linux" {
				expectStatic(t, output)
			}
		})
	}
}

// expectStatic checks that a program needs no dynamic linker and no library.
func expectStatic(t *testing.T, path string) {
	t.Helper()
	file, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, each := range file.Progs {
		if each.Type == elf.PT_INTERP || each.Type == elf.PT_DYNAMIC {
			t.Errorf("it is linked dynamically: it has a segment of type %s", each.Type)
		}
	}
}
