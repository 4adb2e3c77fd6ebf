package agent

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

const oldK3s, newK3s = "v1.36.2+k3s1", "v1.36.3+k3s1"

func install(t *testing.T, root string, document userdata.Document) string {
	t.Helper()
	version, err := InstallRelease(root, document)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func TestUserDataInstallsK3sAtTheFirstBootOnly(t *testing.T) {
	root := t.TempDir()
	release := func(version string) userdata.Document {
		return userdata.Document{K3s: &userdata.Release{Version: version}}
	}
	if got := install(t, root, release(oldK3s)); got != oldK3s {
		t.Errorf("first boot: got %s, want %s", got, oldK3s)
	}
	if err := InstallK3s(root, newK3s); err != nil {
		t.Fatal(err)
	}
	if got := install(t, root, release(oldK3s)); got != newK3s {
		t.Errorf("boot after an upgrade: got %s, want %s", got, newK3s)
	}
	if got := install(t, t.TempDir(), userdata.Document{}); !userdata.IsK3sVersion(got) {
		t.Errorf("an image must contain a version of K3s, got %q", got)
	}
}

func TestABrokenVersionDoesNotStart(t *testing.T) {
	root := t.TempDir()
	broken := filepath.Join(root, brokenVersionFile)
	if err := os.WriteFile(broken, []byte(newK3s+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect := func(version string, starts bool) {
		t.Helper()
		if err := InstallK3s(root, version); err != nil {
			t.Fatal(err)
		}
		if err := CheckK3s(root); (err == nil) != starts {
			t.Errorf("%s: got error %v, want start %v", version, err, starts)
		}
	}
	expect(oldK3s, true)
	expect(newK3s, false)
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	expect(newK3s, true)
}
