package links

import (
	"crypto/sha256"
	"os"
	"sync"
	"time"

	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
)

// Source gives the matrix as it is now.
type Source interface {
	Matrix() *Matrix
}

// Static never changes.
type Static struct{ Links *Matrix }

// Matrix gives it.
func (s Static) Matrix() *Matrix { return s.Links }

// How long a file is believed before it is read again.
const reread = 5 * time.Second

// FileSource follows a file. A bad one changes nothing: the last good matrix stays, and the log says so once.
type FileSource struct {
	path   string
	clock  clock.PassiveClock
	logger klog.Logger

	mutex  sync.Mutex
	matrix *Matrix
	digest [sha256.Size]byte
	looked time.Time
}

// OpenFile reads the file, which must be good the first time.
func OpenFile(path string, clock clock.PassiveClock, logger klog.Logger) (*FileSource, error) {
	s := &FileSource{path: path, clock: clock, logger: logger, looked: clock.Now()}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s.digest = sha256.Sum256(raw)
	s.matrix, err = Parse(raw)
	return s, err
}

// Matrix gives the last good matrix, after a look at the file if the last look is a while ago.
func (s *FileSource) Matrix() *Matrix {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.clock.Now()
	if now.Sub(s.looked) < reread {
		return s.matrix
	}
	s.looked = now
	raw, err := os.ReadFile(s.path)
	if err != nil {
		s.logger.Error(err, "Links cannot be read; the last good ones stay", "file", s.path)
		return s.matrix
	}
	digest := sha256.Sum256(raw)
	if digest == s.digest {
		return s.matrix
	}
	s.digest = digest
	matrix, err := Parse(raw)
	if err != nil {
		s.logger.Error(err, "Links refused; the last good ones stay", "file", s.path)
		return s.matrix
	}
	s.logger.Info("Links changed", "file", s.path)
	s.matrix = matrix
	return matrix
}
