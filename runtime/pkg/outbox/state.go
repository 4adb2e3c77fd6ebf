package outbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
)

// state is what a queue keeps besides its messages.
type state struct {
	// Epochs are the latest epochs, oldest first. The last one is the current one.
	Epochs []epochStart `json:"epochs"`
	// Done are the sequences that need no delivery any more: acknowledged, dropped or lost.
	Done RangeSet `json:"done"`
	// Newest is a sequence up to which all messages were once durable.
	Newest uint64 `json:"newest"`
	// Clock is the running time in seconds.
	Clock        uint32 `json:"clock"`
	Acknowledged uint64 `json:"acknowledged"`
	// Lost counts the messages that will not be delivered.
	Lost map[LossReason]uint64 `json:"lost"`
	// TornBytes counts the bytes that were discarded behind the last whole record.
	TornBytes int64 `json:"tornBytes"`
	// Losses are the latest losses, oldest first.
	Losses []Loss `json:"losses,omitempty"`
}

// epochStart is an epoch and its first sequence.
type epochStart struct {
	Epoch Epoch  `json:"epoch"`
	First uint64 `json:"first"`
}

// Limits of the state. With them it takes at most about 45 KiB.
const (
	maxEpochs     = 64
	maxLosses     = 64
	maxDoneRanges = 512
)

func (s state) clone() state {
	s.Epochs, s.Done, s.Losses = slices.Clone(s.Epochs), s.Done.clone(), slices.Clone(s.Losses)
	lost := maps.Clone(s.Lost)
	if lost == nil {
		lost = map[LossReason]uint64{}
	}
	s.Lost = lost
	return s
}

// bound removes the oldest epochs and losses that exceed the limits, so that the state fits into a slot.
func (s *state) bound() {
	s.Epochs = s.Epochs[max(0, len(s.Epochs)-maxEpochs):]
	s.Losses = s.Losses[max(0, len(s.Losses)-maxLosses):]
}

// epochOf returns the epoch of a sequence.
func (s state) epochOf(sequence uint64) (Epoch, bool) {
	for _, each := range slices.Backward(s.Epochs) {
		if each.First <= sequence {
			return each.Epoch, true
		}
	}
	return Epoch{}, false
}

// A state file has two slots, which are written in turn. The slot that is not being written stays valid. The file is
// written in full when it is created, so that later writes need no space on a disk that is full.
const (
	slotSize       = 64 << 10
	slotHeaderSize = 16 // checksum, length, generation
	stateFileName  = "state"
)

// stateFile stores the state of a queue.
type stateFile struct {
	file       File
	generation uint64
	// slot is the one to be written next. It is never the one that holds the state that counts.
	slot int64
}

// openStateFile opens or creates the state file of a folder. The state is nil if the file is new, and errStateLost is
// returned with an open file if the file holds no valid state.
func openStateFile(files FS, dir string) (*stateFile, *state, error) {
	path := filepath.Join(dir, stateFileName)
	file, err := files.Open(path)
	created := errors.Is(err, fs.ErrNotExist)
	if created {
		file, err = files.Create(path)
	}
	if err != nil {
		return nil, nil, err
	}
	opened := &stateFile{file: file}
	var loaded *state
	if !created {
		loaded, err = opened.load()
	}
	if err == nil && loaded == nil {
		err = opened.reserve(files, dir)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	if !created && loaded == nil {
		err = errStateLost
	}
	return opened, loaded, err
}

var errStateLost = errors.New("the state file holds no valid state")

// reserve writes the whole file, so that it has its space on disk.
func (f *stateFile) reserve(files FS, dir string) error {
	if _, err := f.file.WriteAt(make([]byte, 2*slotSize), 0); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	return files.SyncDir(dir)
}

// load returns the newest valid state, or nil. It writes its slot once more before the other slot may be overwritten,
// because an fsync of it may have failed before the process died: the kernel may then hold it in pages that it takes for
// clean.
func (f *stateFile) load() (*state, error) {
	var newest *state
	var newestSlot []byte
	var unreadable error
	for slot := range int64(2) {
		buffer := make([]byte, slotSize)
		if err := readTolerant(f.file, buffer, slot*slotSize); err != nil {
			unreadable = err
		}
		generation, found := decodeSlot(buffer)
		if found != nil && (newest == nil || generation > f.generation) {
			newest, newestSlot, f.generation, f.slot = found, buffer, generation, 1-slot
		}
	}
	if newest == nil {
		// Nothing is overwritten because it could not be read.
		return nil, unreadable
	}
	if _, err := f.file.WriteAt(newestSlot, (1-f.slot)*slotSize); err != nil {
		return nil, err
	}
	return newest, f.file.Sync()
}

// write makes a state durable. If it fails, either the state before or this one is found after the next start.
func (f *stateFile) write(s state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if len(text) > slotSize-slotHeaderSize {
		return fmt.Errorf("state: %d bytes: must fit in %d", len(text), slotSize-slotHeaderSize)
	}
	slot := make([]byte, slotHeaderSize+len(text))
	binary.LittleEndian.PutUint32(slot[4:], uint32(len(text)))
	binary.LittleEndian.PutUint64(slot[8:], f.generation+1)
	copy(slot[slotHeaderSize:], text)
	binary.LittleEndian.PutUint32(slot, crc32.Checksum(slot[4:], castagnoli))
	if _, err := f.file.WriteAt(slot, f.slot*slotSize); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	f.generation++
	f.slot = 1 - f.slot
	return nil
}

func (f *stateFile) close() error { return f.file.Close() }

func decodeSlot(slot []byte) (uint64, *state) {
	length := int64(binary.LittleEndian.Uint32(slot[4:]))
	if length == 0 || slotHeaderSize+length > int64(len(slot)) {
		return 0, nil
	}
	if crc32.Checksum(slot[4:slotHeaderSize+length], castagnoli) != binary.LittleEndian.Uint32(slot) {
		return 0, nil
	}
	var found state
	if json.Unmarshal(slot[slotHeaderSize:slotHeaderSize+length], &found) != nil {
		return 0, nil
	}
	return binary.LittleEndian.Uint64(slot[8:]), &found
}
