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

// Source provides the current Matrix.
type Source interface {
	// Matrix returns the current matrix.
	Matrix() *Matrix
	// Subscribe calls changed after every future change.
	Subscribe(changed func())
}

// Static is a Source that never changes.
type Static struct{ Links *Matrix }

// Matrix implements Source.
func (s Static) Matrix() *Matrix { return s.Links }

// Subscribe implements Source. It never calls changed.
func (s Static) Subscribe(func()) {}

// pollPeriod is the time between two reads of a file.
const pollPeriod = 5 * time.Second

// FileSource is a Source that polls a file. If the file becomes invalid, FileSource logs that once and keeps the last valid
// matrix.
type FileSource struct {
	path   string
	logger klog.Logger
	matrix atomic.Pointer[Matrix]
	// digest of the content that was read last, valid or not; zero while the file does not exist.
	digest [sha256.Size]byte

	mutex       sync.Mutex
	subscribers []func()
}

// OpenFile reads the file, which must be valid, and polls it until the context ends.
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
	ticker := clock.NewTicker(pollPeriod)
	go func() {
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C():
				s.reload()
			}
		}
	}()
	return s, nil
}

// Matrix returns the last valid matrix.
func (s *FileSource) Matrix() *Matrix { return s.matrix.Load() }

// Subscribe implements Source.
func (s *FileSource) Subscribe(changed func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.subscribers = append(s.subscribers, changed)
}

func (s *FileSource) reload() {
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
		s.logger.Error(err, "Failed to read the links file; keeping the last valid links", "file", s.path)
		return
	}
	matrix, err := Parse(raw)
	if err != nil {
		s.logger.Error(err, "Invalid links file; keeping the last valid links", "file", s.path)
		return
	}
	s.matrix.Store(matrix)
	s.logger.Info("Loaded changed links file", "file", s.path)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, changed := range s.subscribers {
		changed()
	}
}
