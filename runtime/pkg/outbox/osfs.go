package outbox

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// osFS is the file system of the operating system.
type osFS struct{}

func (f osFS) MkdirAll(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := f.MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return f.SyncDir(parent)
}

func (osFS) ReadDir(dir string) ([]string, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	return folder.Readdirnames(-1)
}

func (osFS) Open(path string) (File, error) { return openOSFile(path, os.O_RDWR) }

func (osFS) Create(path string) (File, error) {
	return openOSFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (osFS) Remove(path string) error { return os.Remove(path) }

func (osFS) Lock(path string) (io.Closer, error) { return lockFile(path) }

type osFile struct{ *os.File }

func openOSFile(path string, flag int) (File, error) {
	file, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{file}, nil
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
