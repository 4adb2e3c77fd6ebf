package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.uber.org/zap"
)

// RestoreOptions describe a restore.
type RestoreOptions struct {
	// Snapshot is the name of the snapshot, and ID distinguishes this restore from earlier ones.
	Snapshot, ID string
}

// Restore does what `k3s server --cluster-reset --cluster-reset-restore-path` does: it replaces the datastore of the machine in
// a directory by a snapshot, whose only member is this server, and records that. It returns an error if the server token is not that
// of the snapshot. An interrupted restore can be repeated.
func Restore(ctx context.Context, dir string, options RestoreOptions, settings Settings) error {
	s, err := load(dir, settings)
	if err != nil {
		return err
	}
	if s.config.String("server", "") != "" {
		return errors.New("a server that joins a cluster cannot restore a snapshot")
	}
	s.report("booting", "restoring snapshot "+options.Snapshot)
	if err := s.writeCertificates(); err != nil {
		return err
	}
	if err := s.restore(ctx, options.Snapshot); err != nil {
		return fmt.Errorf("snapshot %s: %w", options.Snapshot, err)
	}
	return WriteRestored(dir, options.ID)
}

func (s *server) restore(ctx context.Context, name string) error {
	content, err := s.readSnapshot(name)
	if err != nil {
		return err
	}
	part, err := s.write("snapshot.db", content)
	if err != nil {
		return err
	}
	defer os.Remove(part)
	if err := os.RemoveAll(s.path("db/etcd")); err != nil {
		return err
	}
	config := s.etcdConfig()
	peer := s.etcdURL(etcdPeerPort)
	err = snapshot.NewV3(zap.NewNop()).Restore(snapshot.RestoreConfig{
		SnapshotPath: part, Name: config.Name, OutputDataDir: config.Dir, PeerURLs: []string{peer.String()},
		InitialCluster: config.InitialClusterFromName(config.Name), InitialClusterToken: config.InitialClusterToken,
	})
	if err != nil {
		return err
	}
	// A server without this file would create a cluster.
	if _, err := s.write("db/etcd/"+votingFile, nil); err != nil {
		return err
	}
	etcd, err := s.startEtcd(ctx)
	if err != nil {
		return err
	}
	defer etcd.Close()
	return s.openBootstrapData(ctx)
}

// readSnapshot returns a snapshot from the bucket of the configuration or, without one, from this machine.
func (s *server) readSnapshot(name string) (content []byte, err error) {
	if bucket := s.bucket(); bucket != nil {
		content, err = s.buckets.Get(bucket.Bucket, bucket.key(name))
	} else {
		content, err = os.ReadFile(s.path(snapshotsDir, filepath.Base(name)))
	}
	if err != nil || !strings.HasSuffix(name, zipSuffix) {
		return content, err
	}
	return decompressSnapshot(content)
}

// restoredFile is a file in a machine's directory with the id of the restore that its data is from.
const restoredFile = "server/restored"

// Restored returns the id of the restore that the data in a machine's directory is from, or "" if it is from none.
func Restored(dir string) (string, error) {
	content, err := os.ReadFile(filepath.Join(dir, restoredFile))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(content), err
}

// WriteRestored records the id of the restore that the data in a machine's directory is from.
func WriteRestored(dir, id string) error {
	return writeFile(filepath.Join(dir, restoredFile), []byte(id))
}

// HasData reports whether a machine's directory has data of etcd.
func HasData(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "server/db/etcd"))
	return err == nil
}

// DiscardData deletes the datastore in a machine's directory.
func DiscardData(dir string) error { return os.RemoveAll(filepath.Join(dir, "server/db")) }
