package relay

import (
	"io"
	"os"
	"strings"
	"sync"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// heldFiles is the file system of the operating system, whose fsync of messages can be held back or fail.
type heldFiles struct {
	mu     sync.RWMutex
	failed error
}

// hold holds back fsync until the returned function is called.
func (h *heldFiles) hold() (release func()) {
	h.mu.Lock()
	return h.mu.Unlock
}

func (h *heldFiles) fail(err error) {
	h.mu.Lock()
	h.failed = err
	h.mu.Unlock()
}

func (h *heldFiles) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

func (h *heldFiles) ReadDir(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, each := range entries {
		if !each.IsDir() {
			names = append(names, each.Name())
		}
	}
	return names, err
}

func (h *heldFiles) Open(path string) (outbox.File, error) { return h.open(path, os.O_RDWR) }
func (h *heldFiles) Create(path string) (outbox.File, error) {
	return h.open(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}
func (h *heldFiles) Remove(path string) error            { return os.Remove(path) }
func (h *heldFiles) SyncDir(string) error                { return nil }
func (h *heldFiles) Lock(path string) (io.Closer, error) { return os.Create(path) }

func (h *heldFiles) open(path string, flags int) (outbox.File, error) {
	opened, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	return heldFile{opened, h}, nil
}

type heldFile struct {
	*os.File
	files *heldFiles
}

func (f heldFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Sync waits while fsync is held back. Only segments are: the state is not what a device waits for.
func (f heldFile) Sync() error {
	if !strings.HasSuffix(f.Name(), ".segment") {
		return f.File.Sync()
	}
	f.files.mu.RLock()
	defer f.files.mu.RUnlock()
	if f.files.failed != nil {
		return f.files.failed
	}
	return f.File.Sync()
}
