package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/component-base/version"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

const (
	// k3sFile is the path of K3s on a machine. In the lab, the file contains the version only.
	k3sFile = "/usr/local/bin/k3s"
	// brokenVersionFile is a file in the root directory of a machine. It contains a version of K3s that does not start there.
	brokenVersionFile = "broken-k3s-version"
)

// imageVersion is the version of K3s in the image of a machine whose user data names no release.
func imageVersion() string {
	kubernetes, _, _ := strings.Cut(version.Get().GitVersion, "-")
	return kubernetes + "+k3s1"
}

// InstallRelease installs K3s at the first boot of the machine with a root directory: the release that its user data names, or
// the one in its image. It returns the installed version. Later, an upgrade in the cluster may have replaced it.
func InstallRelease(root string, document userdata.Document) (string, error) {
	installed, err := InstalledK3s(root)
	if installed != "" || err != nil {
		return installed, err
	}
	release := imageVersion()
	if document.K3s != nil {
		release = document.K3s.Version
	}
	return release, InstallK3s(root, release)
}

// InstallK3s replaces K3s on a machine. The version applies when K3s starts the next time.
func InstallK3s(root, version string) error { return disk(root).write(k3sFile, []byte(version)) }

// InstalledK3s returns the version of K3s on a machine, or an empty text before its first boot.
func InstalledK3s(root string) (string, error) {
	content, err := os.ReadFile(disk(root).path(k3sFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(content), err
}

// CheckK3s returns an error if the K3s on a machine does not start.
func CheckK3s(root string) error {
	installed, err := InstalledK3s(root)
	if err != nil || installed == "" {
		return err
	}
	path := filepath.Join(root, brokenVersionFile)
	broken, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && strings.TrimSpace(string(broken)) != installed {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("K3s %s does not start; remove %s to repair it", installed, path)
}
