package controlplane

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// claimBirth makes sure that a machine without data creates the cluster only if no other machine has done so.
func (s *server) claimBirth(machine *userdata.Machine, store userdata.Store) error {
	if _, err := os.Stat(s.path("etcd")); err == nil {
		return nil
	}
	id, err := s.machineID()
	if err != nil {
		return err
	}
	created, err := machine.Birth(store, id)
	if err == nil && !created {
		err = fmt.Errorf("another machine has created the cluster, and the lab runs one server per cluster: delete parameter %s to create the cluster again, without its data",
			machine.Document.FullName(machine.Document.Birth))
	}
	return err
}

// machineID returns the identifier of the machine, which a replacement does not inherit.
func (s *server) machineID() (string, error) {
	path := filepath.Join(s.dir, "machine-id")
	content, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(content), err
	}
	id := rand.Text()
	return id, os.WriteFile(path, []byte(id), 0o600)
}
