package controlplane

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	clientv3 "go.etcd.io/etcd/client/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/klog/v2"
)

// snapshotPath is the path on which K3s takes snapshots on request.
const snapshotPath = "/db/snapshot"

const (
	snapshotTimeout = time.Minute
	// snapshotsDir is the directory of snapshots in a machine's directory `server`.
	snapshotsDir = "db/snapshots"
	zipSuffix    = ".zip"
)

// Metadata of K3s of a snapshot in a bucket. S3 returns the names in lower case.
const (
	clusterIDKey = "k3s-cluster-id"
	nodeNameKey  = "k3s-node-name"
	tokenHashKey = "k3s-token-hash"
)

// snapshotBucket is where a server stores its snapshots.
type snapshotBucket struct {
	Bucket    string `json:"bucket"`
	Folder    string `json:"folder"`
	Retention int    `json:"retention"`
}

func (b snapshotBucket) key(name string) string { return strings.TrimPrefix(b.Folder+"/"+name, "/") }

// bucket returns the bucket in the configuration, or nil if there is none.
func (s *server) bucket() *snapshotBucket {
	if !s.config.Bool("etcd-s3") {
		return nil
	}
	return &snapshotBucket{s.config.String("etcd-s3-bucket", ""), s.config.String("etcd-s3-folder", ""), s.integer("etcd-s3-retention", 5)}
}

func (s *server) integer(key string, fallback int) int {
	number, err := strconv.Atoi(s.config.String(key, ""))
	if err != nil {
		return fallback
	}
	return number
}

// snapshotRequest is the body of a request for a snapshot. Its S3 settings replace those of the configuration.
type snapshotRequest struct {
	Operation string          `json:"operation"`
	Name      []string        `json:"name"`
	Compress  bool            `json:"compress"`
	S3        *snapshotBucket `json:"s3"`
}

// serveSnapshot takes a snapshot, which K3s keeps until a person deletes it.
func (s *server) serveSnapshot(w http.ResponseWriter, r *http.Request, _ user.Info) {
	var request snapshotRequest
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&request); err != nil || request.Operation != "save" {
		http.Error(w, "operation must be save: the lab supports no other", http.StatusBadRequest)
		return
	}
	prefix := s.config.String("etcd-snapshot-name", "on-demand")
	if len(request.Name) > 0 {
		prefix = request.Name[0]
	}
	taken, err := s.takeSnapshot(r.Context(), prefix, request.Compress, request.S3)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string][]string{"created": {taken}})
}

// runSnapshots takes snapshots by the schedule of the configuration, and records all snapshots in the cluster.
func (s *server) runSnapshots(ctx context.Context) error {
	if err := s.createSnapshotKind(ctx); err != nil {
		return err
	}
	if err := s.recordSnapshots(ctx); err != nil {
		klog.ErrorS(err, "Failed to record the snapshots")
	}
	if s.config.Bool("etcd-disable-snapshots") {
		<-ctx.Done()
		return nil
	}
	schedule, err := cron.ParseStandard(s.config.String("etcd-snapshot-schedule-cron", "0 */12 * * *"))
	if err != nil {
		return fmt.Errorf("etcd-snapshot-schedule-cron: %w", err)
	}
	prefix := s.config.String("etcd-snapshot-name", "etcd-snapshot")
	for {
		now := time.Now()
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(schedule.Next(now).Sub(now)):
		}
		_, err := s.takeSnapshot(ctx, prefix, s.config.Bool("etcd-snapshot-compress"), s.bucket())
		if err == nil {
			err = s.pruneSnapshots(ctx, prefix)
		}
		if err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "Failed to take a snapshot by the schedule")
		}
	}
}

// snapshotLock lets a server take one snapshot at a time.
var snapshotLock sync.Mutex

// takeSnapshot stores a snapshot on the machine and, if there is one, in a bucket. It returns the snapshot's name.
func (s *server) takeSnapshot(ctx context.Context, prefix string, compress bool, bucket *snapshotBucket) (string, error) {
	snapshotLock.Lock()
	defer snapshotLock.Unlock()
	client := s.apiClient()
	if client == nil {
		return "", errNotReady
	}
	system, err := client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	content, err := s.saveDatastore(ctx)
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-%s-%d", prefix, s.Hostname, time.Now().Unix())
	if compress {
		if content, err = compressSnapshot(name, content); err != nil {
			return "", err
		}
		name += zipSuffix
	}
	if _, err := s.write(filepath.Join(snapshotsDir, name), content); err != nil {
		return "", err
	}
	if bucket != nil {
		metadata := map[string]string{
			clusterIDKey: string(system.UID), nodeNameKey: s.Hostname, tokenHashKey: passwordHash(s.passwords().server),
		}
		if err := s.buckets.Put(bucket.Bucket, bucket.key(name), content, metadata); err != nil {
			return "", err
		}
	}
	klog.InfoS("Took a snapshot", "name", name, "bytes", len(content))
	return name, s.recordSnapshots(ctx)
}

// saveDatastore returns a consistent copy of etcd's data, which ends with its checksum.
func (s *server) saveDatastore(ctx context.Context) (content []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, snapshotTimeout)
	defer cancel()
	err = s.useDatastore(ctx, func(client *clientv3.Client) error {
		reader, err := client.Snapshot(ctx)
		if err != nil {
			return err
		}
		defer reader.Close()
		content, err = io.ReadAll(reader)
		return err
	})
	return content, err
}

func compressSnapshot(name string, content []byte) ([]byte, error) {
	var buffer bytes.Buffer
	archive := zip.NewWriter(&buffer)
	file, err := archive.Create(name)
	if err == nil {
		_, err = file.Write(content)
	}
	// The end of the archive is written when it is closed.
	err = errors.Join(err, archive.Close())
	return buffer.Bytes(), err
}

func decompressSnapshot(content []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	if len(archive.File) != 1 {
		return nil, fmt.Errorf("must contain one file, got %d", len(archive.File))
	}
	file, err := archive.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// pruneSnapshots deletes the oldest snapshots of this server that were taken by the schedule.
func (s *server) pruneSnapshots(ctx context.Context, prefix string) error {
	own := prefix + "-" + s.Hostname + "-"
	local, err := s.localSnapshots()
	if err != nil {
		return err
	}
	for _, name := range surplus(local, own, s.integer("etcd-snapshot-retention", 5)) {
		if err := os.Remove(s.path(snapshotsDir, name)); err != nil {
			return err
		}
	}
	if bucket := s.bucket(); bucket != nil {
		objects, err := s.buckets.List(bucket.Bucket, bucket.Folder)
		if err != nil {
			return err
		}
		var names []string
		for _, object := range objects {
			names = append(names, filepath.Base(object.Key))
		}
		for _, name := range surplus(names, own, bucket.Retention) {
			if err := s.buckets.Delete(bucket.Bucket, bucket.key(name)); err != nil {
				return err
			}
		}
	}
	return s.recordSnapshots(ctx)
}

// surplus returns the names with a prefix and a time that are older than the newest ones to keep.
func surplus(names []string, prefix string, keep int) []string {
	scheduled := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		rest, found := strings.CutPrefix(name, prefix)
		// The name of another server may start with that of this one.
		return !found || strings.Contains(rest, "-") || takenAt(name).IsZero()
	})
	slices.SortFunc(scheduled, func(a, b string) int { return takenAt(b).Compare(takenAt(a)) })
	return scheduled[min(keep, len(scheduled)):]
}

// takenAt returns the time at the end of a snapshot's name, or the zero time.
func takenAt(name string) time.Time {
	seconds, err := strconv.ParseInt(strings.TrimSuffix(name[strings.LastIndex(name, "-")+1:], zipSuffix), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// localSnapshots returns the names of the snapshots on this machine.
func (s *server) localSnapshots() ([]string, error) {
	entries, err := os.ReadDir(s.path(snapshotsDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".part") {
			names = append(names, entry.Name())
		}
	}
	return names, err
}
