package outbox

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// disk is a file system in memory that knows what is durable. Writes are divided into sectors. A power cut keeps any
// subset of the sectors and names that were not synced.
type disk struct {
	mu      sync.Mutex
	random  *rand.Rand
	files   map[string]*inode
	durable map[string]*inode
	locked  map[string]bool
	// capacity limits the size of all files together, unless it is 0.
	capacity int
	// dead tells that the process that uses the disk is dead.
	dead bool
	// fail is called before each operation. If it returns an error, the operation fails and may be done in part.
	fail func(operation, path string) error
}

const sector = 512

// inode is a file. Its data is what a process reads.
type inode struct {
	data    []byte
	durable []byte
	dirty   []dirtyWrite
}

// dirtyWrite is a sector that was written, or a truncation if data is nil.
type dirtyWrite struct {
	at   int64
	data []byte
}

func newDisk(seed uint64) *disk {
	return &disk{
		random: rand.New(rand.NewPCG(seed, 1)), files: map[string]*inode{}, durable: map[string]*inode{}, locked: map[string]bool{},
		fail: func(string, string) error { return nil },
	}
}

func (w dirtyWrite) apply(to []byte) []byte {
	if w.data == nil {
		if w.at <= int64(len(to)) {
			return to[:w.at:w.at]
		}
		return append(to, make([]byte, w.at-int64(len(to)))...)
	}
	if end := w.at + int64(len(w.data)); end > int64(len(to)) {
		to = append(to, make([]byte, end-int64(len(to)))...)
	}
	copy(to[w.at:], w.data)
	return to
}

// persistSome makes a random subset of the dirty sectors durable, in random order, and forgets the others.
func (n *inode) persistSome(random *rand.Rand) {
	random.Shuffle(len(n.dirty), func(a, b int) { n.dirty[a], n.dirty[b] = n.dirty[b], n.dirty[a] })
	share := random.Float64()
	for _, each := range n.dirty {
		if random.Float64() < share {
			n.durable = each.apply(n.durable)
		}
	}
	n.dirty = nil
}

// cutPower returns the disk as it is found after a power cut.
func (d *disk) cutPower() *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	after := newDisk(d.random.Uint64())
	names := maps.Clone(d.files)
	maps.Copy(names, d.durable)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found := d.durable[name]
		if d.random.IntN(2) == 0 {
			found = d.files[name]
		}
		if found != nil {
			found.persistSome(d.random)
			after.files[name] = &inode{data: slices.Clone(found.durable), durable: slices.Clone(found.durable)}
		}
	}
	after.durable = maps.Clone(after.files)
	return after
}

// clone copies a disk as a process sees it, with everything durable.
func (d *disk) clone() *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	copied := newDisk(d.random.Uint64())
	for name, each := range d.files {
		copied.files[name] = &inode{data: slices.Clone(each.data), durable: slices.Clone(each.data)}
	}
	copied.durable = maps.Clone(copied.files)
	return copied
}

// begin locks the disk and reports whether an operation fails. The disk stays locked.
func (d *disk) begin(operation, path string) error {
	d.mu.Lock()
	if err := d.fail(operation, path); err != nil {
		return &fs.PathError{Op: operation, Path: path, Err: err}
	}
	return nil
}

// exceeds tells whether the disk is too full for more bytes.
func (d *disk) exceeds(growth int) bool {
	used := 0
	for _, each := range d.files {
		used += len(each.data)
	}
	return d.capacity > 0 && growth > 0 && used+growth > d.capacity
}

func (d *disk) MkdirAll(string) error { return nil }

func (d *disk) ReadDir(dir string) ([]string, error) {
	defer d.mu.Unlock()
	if err := d.begin("readdir", dir); err != nil {
		return nil, err
	}
	var names []string
	for name := range d.files {
		if filepath.Dir(name) == dir {
			names = append(names, filepath.Base(name))
		}
	}
	return names, nil
}

func (d *disk) Open(path string) (File, error) {
	defer d.mu.Unlock()
	if err := d.begin("open", path); err != nil {
		return nil, err
	}
	if found := d.files[path]; found != nil {
		return &diskFile{disk: d, path: path, inode: found}, nil
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func (d *disk) Create(path string) (File, error) {
	defer d.mu.Unlock()
	if err := d.begin("create", path); err != nil {
		return nil, err
	}
	found := d.files[path]
	if found == nil {
		found = &inode{}
		d.files[path] = found
	}
	found.data = nil
	found.dirty = append(found.dirty, dirtyWrite{})
	return &diskFile{disk: d, path: path, inode: found}, nil
}

func (d *disk) Remove(path string) error {
	defer d.mu.Unlock()
	if err := d.begin("remove", path); err != nil {
		return err
	}
	if d.files[path] == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	delete(d.files, path)
	return nil
}

func (d *disk) SyncDir(dir string) error {
	defer d.mu.Unlock()
	if err := d.begin("syncdir", dir); err != nil {
		return err
	}
	d.durable = maps.Clone(d.files)
	return nil
}

func (d *disk) Lock(path string) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked[path] {
		return nil, errors.New("locked")
	}
	d.locked[path] = true
	return unlock{d, path}, nil
}

type unlock struct {
	disk *disk
	path string
}

func (u unlock) Close() error {
	u.disk.mu.Lock()
	defer u.disk.mu.Unlock()
	delete(u.disk.locked, u.path)
	return nil
}

// diskFile is an open file of a disk.
type diskFile struct {
	disk  *disk
	path  string
	inode *inode
}

func (f *diskFile) ReadAt(buffer []byte, offset int64) (int, error) {
	defer f.disk.mu.Unlock()
	if err := f.disk.begin("read", f.path); err != nil {
		return 0, err
	}
	n := copy(buffer, f.inode.data[min(offset, int64(len(f.inode.data))):])
	if n < len(buffer) {
		return n, io.EOF
	}
	return n, nil
}

func (f *diskFile) WriteAt(data []byte, offset int64) (int, error) {
	defer f.disk.mu.Unlock()
	err := f.disk.begin("write", f.path)
	if err == nil && f.disk.exceeds(int(offset)+len(data)-len(f.inode.data)) {
		err = &fs.PathError{Op: "write", Path: f.path, Err: syscall.ENOSPC}
	}
	if err != nil {
		// A failed write may have written a part. A dead process writes nothing.
		part := f.disk.random.IntN(len(data) + 1)
		if f.disk.dead {
			part = 0
		}
		data = data[:part]
	}
	written := len(data)
	for at := offset; len(data) > 0; {
		n := min(int64(len(data)), sector-at%sector)
		piece := dirtyWrite{at: at, data: slices.Clone(data[:n])}
		f.inode.data = piece.apply(f.inode.data)
		f.inode.dirty = append(f.inode.dirty, piece)
		data, at = data[n:], at+n
	}
	return written, err
}

func (f *diskFile) Truncate(size int64) error {
	defer f.disk.mu.Unlock()
	if err := f.disk.begin("truncate", f.path); err != nil {
		return err
	}
	piece := dirtyWrite{at: size}
	f.inode.data = piece.apply(f.inode.data)
	f.inode.dirty = append(f.inode.dirty, piece)
	return nil
}

// Sync makes the file durable. After a failure, the data that a process reads looks as if it were durable, and the next
// Sync succeeds without writing it, as on Linux.
func (f *diskFile) Sync() error {
	defer f.disk.mu.Unlock()
	if err := f.disk.begin("sync", f.path); err != nil {
		f.inode.persistSome(f.disk.random)
		return err
	}
	for _, each := range f.inode.dirty {
		f.inode.durable = each.apply(f.inode.durable)
	}
	f.inode.dirty = nil
	return nil
}

func (f *diskFile) Close() error { return nil }

func (f *diskFile) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.inode.data)), nil
}
