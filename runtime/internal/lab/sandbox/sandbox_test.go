package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// startsSandbox is the command of this test that starts a program in a sandbox, prints its process id, and waits.
const startsSandbox = "starts-sandbox"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == startsSandbox {
		command, err := Command(Spec{Root: os.Args[2], Program: "/bin/sleep", Args: []string{"600"}}, 1, 1)
		if err == nil {
			err = process.Start(command)
		}
		if err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		fmt.Println(command.Process.Pid)
		select {}
	}
	if len(os.Args) == 3 && os.Args[1] == Subcommand {
		// Another thread than the first calls Enter, as may happen in the lab.
		runtime.LockOSThread()
		failed := make(chan error)
		go func() { failed <- Enter(os.Args[2]) }()
		os.Stderr.WriteString((<-failed).Error() + "\n")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// needNamespaces skips a test where the kernel refuses what a sandbox is made of. It asks another program, so that a fault of this
// package skips nothing.
func needNamespaces(t *testing.T) {
	t.Helper()
	command := exec.Command("unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp")
	if output, err := command.CombinedOutput(); err != nil {
		t.Skipf("needs mounts in a user namespace, which this machine does not permit: %v %s", err, output)
	}
}

// run runs a shell script in a sandbox, with the mounts, and returns what it prints.
func run(t *testing.T, script string, mounts ...Mount) string {
	t.Helper()
	needNamespaces(t)
	command, err := Command(Spec{Root: t.TempDir(), Mounts: mounts, Program: "/bin/sh", Args: []string{"-c", script}, WorkingDir: "/work"}, 1883, 1884)
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return strings.TrimSpace(string(output))
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAProgramSeesItsVolumesAndItsHosts(t *testing.T) {
	volume, config := t.TempDir(), t.TempDir()
	write(t, filepath.Join(config, "settings"), "on")
	hosts := write(t, filepath.Join(t.TempDir(), "hosts"), "127.1.2.3 cloud.mqtt.svc\n")
	output := run(t, "cat /config/settings /etc/hosts; getent hosts cloud.mqtt.svc; echo kept >/state/file; pwd; id -u; id -g",
		Mount{Source: volume, Target: "/state"}, Mount{Source: config, Target: "/config", ReadOnly: true}, Mount{Source: hosts, Target: "/etc/hosts"})
	want := "on127.1.2.3 cloud.mqtt.svc\n127.1.2.3       cloud.mqtt.svc\n/work\n1883\n1884"
	if output != want {
		t.Errorf("got %q, want %q", output, want)
	}
	if kept, err := os.ReadFile(filepath.Join(volume, "file")); err != nil || string(kept) != "kept\n" {
		t.Errorf("the volume has %q, %v", kept, err)
	}
}

func TestAProgramCannotWriteElsewhereOrMount(t *testing.T) {
	volume := t.TempDir()
	outside := t.TempDir()
	script := `for file in /usr/x /etc/x ` + outside + `/x /ro/x; do touch "$file" 2>/dev/null && echo "wrote $file"; done
mount -t tmpfs tmpfs /work 2>/dev/null && echo mounted; grep CapEff /proc/self/status | tr -d '\t'`
	output := run(t, script, Mount{Source: volume, Target: "/ro", ReadOnly: true})
	if output != "CapEff:0000000000000000" {
		t.Errorf("got %q", output)
	}
}

func TestSandboxesArePermittedWhereTheKernelPermitsThem(t *testing.T) {
	needNamespaces(t)
	if err := Permitted(); err != nil {
		t.Error(err)
	}
}

func TestAMountThatIsMissingIsNamed(t *testing.T) {
	needNamespaces(t)
	command, err := Command(Spec{Root: t.TempDir(), Mounts: []Mount{{Source: "/missing", Target: "/state"}}, Program: "/bin/true"}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "sandbox: stat /missing") {
		t.Errorf("got %v, %s", err, output)
	}
}

// TestAProgramEndsWithItsParent kills the process that started a sandbox, at several moments of its start.
func TestAProgramEndsWithItsParent(t *testing.T) {
	needNamespaces(t)
	for _, delay := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond} {
		parent := exec.Command(os.Args[0], startsSandbox, t.TempDir())
		output, err := parent.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		var child int
		if _, err := fmt.Fscan(output, &child); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		if err := parent.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = parent.Wait()
		for deadline := time.Now().Add(10 * time.Second); isRunning(child); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				_ = syscall.Kill(child, syscall.SIGKILL)
				t.Fatalf("killed after %s, the parent left process %d behind", delay, child)
			}
		}
	}
}

// isRunning reports whether a process exists and is not a zombie: once its parent is gone, its exit may never be collected.
func isRunning(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}
