package machines

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mayCreateCluster decides which machine creates the cluster of an address: the first that asks. The decision is on disk before
// it returns, and stays until the address is freed, so the replacement of that machine joins the cluster.
func (s *store) mayCreateCluster(address, machineID string) (bool, error) {
	dir := s.clusterDir(address)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	path := filepath.Join(dir, "birth")
	part := fmt.Sprintf("%s.%s", path, machineID)
	if err := os.WriteFile(part, []byte(machineID), 0o600); err != nil {
		return false, err
	}
	defer os.Remove(part)
	// A link is created with its content, and only if it does not exist.
	if err := os.Link(part, path); err != nil && !errors.Is(err, os.ErrExist) {
		return false, err
	}
	recorded, err := os.ReadFile(path)
	return strings.TrimSpace(string(recorded)) == machineID, err
}

// clusterDir returns the directory that the servers of an address share.
func (s *store) clusterDir(address string) string {
	return filepath.Join(s.dir, "clusters", address)
}
