package process

import (
	"os"
	"path/filepath"
	"sync"
)

// maxLogBytes is the size at which a log is rotated. One rotated file is kept.
const maxLogBytes = 16 << 20

// Log is a rotated log file.
type Log struct {
	mutex sync.Mutex
	path  string
	file  *os.File
	size  int64
}

// OpenLog opens a log for appending.
func OpenLog(path string) (*Log, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	log := &Log{path: path}
	return log, log.open()
}

func (l *Log) open() error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Path returns the path of the current log file.
func (l *Log) Path() string { return l.path }

// Write appends to the log, and rotates it when it is full.
func (l *Log) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.size+int64(len(text)) > maxLogBytes {
		_ = l.file.Close()
		if err := os.Rename(l.path, l.path+".1"); err != nil {
			return 0, err
		}
		if err := l.open(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(text)
	l.size += int64(n)
	return n, err
}
