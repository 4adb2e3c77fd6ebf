package controlplane

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/skerry-dev/skerry/runtime/internal/lab/buckets"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// datastoreValue stores a value in the datastore, or returns the one that it has if value is empty.
func datastoreValue(t *testing.T, s *server, key, value string) string {
	t.Helper()
	var found string
	err := s.withDatastore(context.Background(), func(ctx context.Context, client *clientv3.Client) error {
		if value != "" {
			_, err := client.Put(ctx, key, value)
			return err
		}
		response, err := client.Get(ctx, key)
		if err == nil && len(response.Kvs) == 1 {
			found = string(response.Kvs[0].Value)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestASnapshotIsRestoredOnAnotherMachineWithTheTokenOfItsTime(t *testing.T) {
	ctx := context.Background()
	s, _ := newServer(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: "uid-of-cluster"}})
	s.buckets = buckets.Open(t.TempDir())
	s.config = userdata.Config{
		"etcd-s3": true, "etcd-s3-bucket": "snapshots", "etcd-s3-folder": "east", "secrets-encryption": true,
	}
	startDatastore(t, s)
	if err := s.openBootstrapData(ctx); err != nil {
		t.Fatal(err)
	}
	datastoreValue(t, s, "/registry/one", "before")
	content, err := s.saveDatastore(ctx)
	if err != nil {
		t.Fatal(err)
	}
	datastoreValue(t, s, "/registry/one", "after")
	encryption, err := os.ReadFile(s.path(encryptionConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	s.etcd.Close()
	s.etcd = nil

	const name = "etcd-snapshot-server-01-1764238500"
	compressed, err := compressSnapshot(name, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.buckets.Put("snapshots", "east/"+name+zipSuffix, compressed, nil); err != nil {
		t.Fatal(err)
	}
	restore := func(password string) error {
		s.credentials.server = password
		s.dir = t.TempDir()
		s.MachineID = "fedcba9876543210"
		issueEtcdCertificates(t, s)
		return s.restore(ctx, name+zipSuffix)
	}
	if err := restore("another"); !errors.Is(err, errOtherToken) {
		t.Errorf("got error %v, want %v", err, errOtherToken)
	}
	if err := restore(serverPassword); err != nil {
		t.Fatal(err)
	}
	restored, err := os.ReadFile(s.path(encryptionConfigFile))
	if err != nil || string(restored) != string(encryption) {
		t.Errorf("got error %v, want the encryption configuration of the snapshot", err)
	}
	s.etcd, err = s.startEtcd(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.etcd.Close)
	if got := datastoreValue(t, s, "/registry/one", ""); got != "before" {
		t.Errorf("got %q, want the value of the snapshot", got)
	}
	if members := s.etcd.Server.Cluster().Members(); len(members) != 1 || members[0].Name != s.memberName() {
		t.Errorf("got members %v, want this server only", members)
	}
}

func TestOldSnapshotsOfTheScheduleAreDeleted(t *testing.T) {
	names := []string{
		"etcd-snapshot-a-100.zip", "etcd-snapshot-a-300.zip", "etcd-snapshot-a-200", "etcd-snapshot-b-50.zip",
		"on-demand-a-10.zip", "etcd-snapshot-a-b-10.zip", "etcd-snapshot-a-text",
	}
	got := surplus(names, "etcd-snapshot-a-", 2)
	if !slices.Equal(got, []string{"etcd-snapshot-a-100.zip"}) {
		t.Errorf("got %v, want the oldest of this server", got)
	}
	if got := surplus(names[:1], "etcd-snapshot-a-", 2); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
}

func TestBootstrapDataIsEncryptedWithItsToken(t *testing.T) {
	text, err := encryptBootstrap("password", []byte("secret"))
	if err != nil || strings.Contains(text, "secret") {
		t.Fatalf("got %q, %v", text, err)
	}
	if plain, err := decryptBootstrap("password", text); err != nil || string(plain) != "secret" {
		t.Errorf("got %q, %v", plain, err)
	}
	for _, other := range []struct{ password, text string }{{"other", text}, {"password", "x:y"}, {"password", ""}} {
		if _, err := decryptBootstrap(other.password, other.text); err == nil {
			t.Errorf("got no error for password %q and %q", other.password, other.text)
		}
	}
}

func TestTheDataOfAMachineIsDiscarded(t *testing.T) {
	dir := t.TempDir()
	if id, err := Restored(dir); err != nil || id != "" || HasData(dir) {
		t.Fatalf("got %q, %v, %t for a new machine", id, err, HasData(dir))
	}
	if err := errors.Join(WriteRestored(dir, "r1"), os.MkdirAll(filepath.Join(dir, "server/db/etcd"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if id, err := Restored(dir); err != nil || id != "r1" || !HasData(dir) {
		t.Errorf("got %q, %v, %t", id, err, HasData(dir))
	}
	if err := DiscardData(dir); err != nil || HasData(dir) {
		t.Errorf("got %v, want no data", err)
	}
}
