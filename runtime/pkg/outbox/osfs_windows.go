package outbox

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// SyncDir does nothing: Windows cannot flush a folder without administrator rights. NTFS journals names, and
// FlushFileBuffers of a new file writes the journal up to the creation of that file.
func (osFS) SyncDir(string) error { return nil }

// lockFile opens a file that no other handle may open.
func lockFile(path string) (io.Closer, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS,
		syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// Error codes of Windows that the syscall package does not name.
const (
	errorHandleDiskFull syscall.Errno = 39
	errorDiskFull       syscall.Errno = 112
)

func isDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull)
}
