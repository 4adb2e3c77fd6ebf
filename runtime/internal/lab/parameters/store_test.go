package parameters

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func open(t *testing.T) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "parameters")
	store, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store, dir
}

func TestStoreKeepsValuesReadableByItsOwnerOnly(t *testing.T) {
	store, dir := open(t)
	for name, value := range map[string]string{"/a/token": "one", "/a/tls/ca.key": "two"} {
		if err := store.Put(name, "old"); err != nil {
			t.Fatal(err)
		}
		if err := store.Put(name, value); err != nil {
			t.Fatal(err)
		}
		// Another process reads what this one wrote.
		again, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Get(name); err != nil || got != value {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, value)
		}
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: got mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files != 2 {
		t.Errorf("got %d files, want one per parameter", files)
	}
}

func TestCreateSucceedsOnce(t *testing.T) {
	store, _ := open(t)
	const machines = 20
	values := make([]string, machines)
	var wait sync.WaitGroup
	for i := range machines {
		wait.Go(func() {
			value, err := store.Create("/a/birth", string(rune('a'+i)))
			if err != nil {
				t.Error(err)
			}
			values[i] = value
		})
	}
	wait.Wait()
	winners := 0
	for i, value := range values {
		if value != values[0] {
			t.Errorf("machine %d got %q, machine 0 got %q", i, value, values[0])
		}
		if value == string(rune('a'+i)) {
			winners++
		}
	}
	if winners != 1 {
		t.Errorf("%d machines created the parameter, want 1", winners)
	}
}

func TestDelete(t *testing.T) {
	store, _ := open(t)
	for _, name := range []string{"/a/one", "/a/two", "/ab/one"} {
		if err := store.Put(name, "value"); err != nil {
			t.Fatal(err)
		}
	}
	has := func(name string) bool {
		_, err := store.Get(name)
		if err != nil && !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		return err == nil
	}
	for range 2 {
		if err := store.Delete("/a/one"); err != nil {
			t.Fatal(err)
		}
	}
	if has("/a/one") || !has("/a/two") {
		t.Error("Delete must delete the named parameter, and no other")
	}
	if err := store.Delete("/a"); err == nil {
		t.Error("Delete must reject a folder that is not named with a slash")
	}
	if err := store.Delete("/a/"); err != nil {
		t.Fatal(err)
	}
	if has("/a/two") || !has("/ab/one") {
		t.Error("Delete of a folder must delete what is below it, and nothing else")
	}
}

func TestStoreRejectsNames(t *testing.T) {
	store, _ := open(t)
	for _, name := range []string{"", "a", "/", "/a/../b", "/a/./b", "/a//b", "/a b", "/a/\x00", "/" + strings.Repeat("a/", 600) + "a"} {
		_, getErr := store.Get(name)
		_, createErr := store.Create(name, "secret")
		for _, err := range []error{getErr, createErr, store.Put(name, "secret")} {
			if !errors.Is(err, ErrInvalidName) {
				t.Errorf("%q: got error %v, want %v", name, err, ErrInvalidName)
			}
		}
	}
	if err := store.Put("/a", "secret"); err != nil {
		t.Fatal(err)
	}
	if err := store.Put("/a/b", "secret"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got error %v for a parameter below another, want one without the value", err)
	}
}
