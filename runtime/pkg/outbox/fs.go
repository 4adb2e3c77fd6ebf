package outbox

import "io"

// FS is the part of a file system that the outbox uses. Tests replace it to lose, tear and refuse writes.
type FS interface {
	// MkdirAll creates a folder and its parents, and makes their names durable.
	MkdirAll(dir string) error
	// ReadDir returns the names of the files in a folder.
	ReadDir(dir string) ([]string, error)
	// Open opens an existing file for reading and writing.
	Open(path string) (File, error)
	// Create creates a file for reading and writing, or empties an existing one.
	Create(path string) (File, error)
	// Remove removes a file.
	Remove(path string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
	// Lock creates a file if necessary and locks it until it is closed. It fails if another process holds the lock.
	Lock(path string) (io.Closer, error)
}

// File is an open file of an FS.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes what was written to the file durable.
	Sync() error
	Truncate(size int64) error
	Size() (int64, error)
}
