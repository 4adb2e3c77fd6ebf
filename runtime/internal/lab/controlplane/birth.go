package controlplane

import (
	"os"
	"path/filepath"
)

// BirthFile is the drop-in of K3s' configuration, in a machine's directory, that says whether the server creates its cluster
// or joins it.
const BirthFile = "config.yaml.d/10-birth.yaml"

// WriteBirth lets the server in a machine's directory create its cluster or, if create is false, join it at a URL. A server
// that has been a member ignores it.
func WriteBirth(dir string, create bool, url string) error {
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, BirthFile)), 0o700); err != nil {
		return err
	}
	content := "server: " + url + "\n"
	if create {
		content = "cluster-init: true\n"
	}
	return writeFile(filepath.Join(dir, BirthFile), []byte(content))
}
