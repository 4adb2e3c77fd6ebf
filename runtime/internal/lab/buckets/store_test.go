package buckets

import (
	"errors"
	"testing"
)

func TestObjectsKeepTheirContentAndMetadata(t *testing.T) {
	s := Open(t.TempDir())
	content := "line\nnext"
	if err := s.Put("snapshots", "east/one.zip", []byte(content), map[string]string{"k3s-cluster-id": "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Put("snapshots", "eastern/two", nil, nil); err != nil {
		t.Fatal(err)
	}
	got, err := s.Get("snapshots", "east/one.zip")
	if err != nil || string(got) != content {
		t.Errorf("got %q, %v", got, err)
	}
	objects, err := s.List("snapshots", "east")
	if err != nil || len(objects) != 1 {
		t.Fatalf("got %v, %v, want the object in the folder", objects, err)
	}
	if got := objects[0]; got.Key != "east/one.zip" || got.Size != int64(len(content)) || got.Metadata["k3s-cluster-id"] != "u1" {
		t.Errorf("got %+v", got)
	}
	for range 2 {
		if err := s.Delete("snapshots", "east/one.zip"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get("snapshots", "east/one.zip"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got error %v, want %v", err, ErrNotFound)
	}
	if objects, err := s.List("missing", "east"); err != nil || len(objects) != 0 {
		t.Errorf("got %v, %v for a missing bucket, want none", objects, err)
	}
}

func TestKeysStayInTheirBucket(t *testing.T) {
	s := Open(t.TempDir())
	for _, key := range []string{"../other/key", "a/../../b", "", "a//b", "/a", ".."} {
		if err := s.Put("snapshots", key, nil, nil); !errors.Is(err, ErrInvalidKey) {
			t.Errorf("got error %v for key %q, want %v", err, key, ErrInvalidKey)
		}
	}
}
