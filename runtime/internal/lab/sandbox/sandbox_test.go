package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == Subcommand {
		if err := Enter(os.Args[2]); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// run runs a shell script in a sandbox, with the mounts, and returns what it prints.
func run(t *testing.T, script string, mounts ...Mount) string {
	t.Helper()
	command, err := Command(Spec{Root: t.TempDir(), Mounts: mounts, Program: "/bin/sh", Args: []string{"-c", script}, WorkingDir: "/work"}, 1883, 1884)
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.CombinedOutput()
	if err != nil && strings.Contains(err.Error(), "operation not permitted") {
		t.Skip("user namespaces are not permitted here")
	}
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

func TestAMountThatIsMissingIsNamed(t *testing.T) {
	command, err := Command(Spec{Root: t.TempDir(), Mounts: []Mount{{Source: "/missing", Target: "/state"}}, Program: "/bin/true"}, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "sandbox: stat /missing") {
		t.Errorf("got %v, %s", err, output)
	}
}
