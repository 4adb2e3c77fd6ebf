package links

import (
	"context"
	"crypto/sha256"
	"fmt"
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

// FileSource is a Source that polls two files: one with all regions, and one with measured links, which replace those of the
// first. If a file becomes invalid, FileSource logs that once and keeps the last valid matrix.
type FileSource struct {
	path string
	// measuredPath may be empty, and its file may be missing.
	measuredPath string
	logger       klog.Logger
	matrix       atomic.Pointer[Matrix]
	// digest of the contents that were read last, valid or not.
	digest [sha256.Size]byte

	mutex       sync.Mutex
	subscribers []func()
}

// OpenFiles reads the files and polls them until the context ends. The file with the regions must be valid.
func OpenFiles(ctx context.Context, path, measuredPath string, clock clock.WithTicker, logger klog.Logger) (*FileSource, error) {
	s := &FileSource{path: path, measuredPath: measuredPath, logger: logger}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	matrix, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	s.matrix.Store(matrix)
	s.reload()
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
	var measured []byte
	if s.measuredPath != "" {
		// The file is missing until something was measured.
		measured, _ = os.ReadFile(s.measuredPath)
	}
	digest := sha256.Sum256(fmt.Appendf(nil, "%v %d %s%s", err, len(raw), raw, measured))
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
	if len(measured) > 0 {
		if matrix, err = matrix.WithMeasured(measured); err != nil {
			s.logger.Error(err, "Invalid file of measured links; keeping the last valid links", "file", s.measuredPath)
			return
		}
	}
	s.matrix.Store(matrix)
	s.logger.Info("Loaded links", "file", s.path, "measuredFile", s.measuredPath)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, changed := range s.subscribers {
		changed()
	}
}
