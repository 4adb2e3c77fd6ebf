package links

import (
	"context"
	"crypto/sha256"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
)

// Source gives the matrix as it is now.
type Source interface {
	Matrix() *Matrix
	// Follow tells of every change from now on, after it happened.
	Follow(changed func())
}

// Static never changes.
type Static struct{ Links *Matrix }

// Matrix gives it.
func (s Static) Matrix() *Matrix { return s.Links }

// Follow has nothing to tell.
func (s Static) Follow(func()) {}

// How often a file is looked at.
const reread = 5 * time.Second

// FileSource follows a file. A bad one changes nothing: the last good matrix stays, and the log says so once.
type FileSource struct {
	path   string
	logger klog.Logger
	matrix atomic.Pointer[Matrix]
	// digest of what was read last, good or bad; empty while there is no file.
	digest [sha256.Size]byte

	mutex     sync.Mutex
	followers []func()
}

// OpenFile reads the file, which must be good the first time, and looks at it again and again until the context ends.
func OpenFile(ctx context.Context, path string, clock clock.WithTicker, logger klog.Logger) (*FileSource, error) {
	s := &FileSource{path: path, logger: logger}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	matrix, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	s.digest = sha256.Sum256(raw)
	s.matrix.Store(matrix)
	ticker := clock.NewTicker(reread)
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C():
				s.look()
			}
		}
	}()
	return s, nil
}

// Matrix gives the last good matrix.
func (s *FileSource) Matrix() *Matrix { return s.matrix.Load() }

// Follow tells of every change from now on.
func (s *FileSource) Follow(changed func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.followers = append(s.followers, changed)
}

func (s *FileSource) look() {
	raw, err := os.ReadFile(s.path)
	digest := [sha256.Size]byte{}
	if err == nil {
		digest = sha256.Sum256(raw)
	}
	if digest == s.digest {
		return
	}
	s.digest = digest
	if err != nil {
		s.logger.Error(err, "Links cannot be read; the last good ones stay", "file", s.path)
		return
	}
	matrix, err := Parse(raw)
	if err != nil {
		s.logger.Error(err, "Links refused; the last good ones stay", "file", s.path)
		return
	}
	s.matrix.Store(matrix)
	s.logger.Info("Links changed", "file", s.path)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, changed := range s.followers {
		changed()
	}
}
