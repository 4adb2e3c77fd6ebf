package outbox

import (
	"errors"
	"slices"
	"time"
)

// openQueue opens the queue of a class, finds out what is on disk, and begins an epoch.
func openQueue(options Options, class Class) (_ *Queue, err error) {
	q := &Queue{
		node: options.Node, class: class, dir: queueDir(options.Dir, class.Name), fs: options.FS,
		grown: make(chan struct{}), wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	q.settled.L = &q.mu
	if err := q.fs.MkdirAll(q.dir); err != nil {
		return nil, err
	}
	states, loaded, err := openStateFile(q.fs, q.dir)
	if err != nil && !errors.Is(err, errStateLost) {
		return nil, err
	}
	q.states = states
	defer func() {
		if err != nil {
			err = errors.Join(err, states.close())
		}
	}()
	if loaded != nil {
		q.state = *loaded
	}
	q.state = q.state.clone()
	if err := q.listSegments(); err != nil {
		return nil, err
	}
	if loaded == nil && len(q.segments) > 0 {
		// What was acknowledged is not known. Everything that is left is delivered again.
		q.counts.stateLost = true
		q.state.Done.Add(Range{First: 1, Last: q.segments[0].first - 1})
	}
	if err := q.recoverTail(); err != nil {
		return nil, err
	}
	q.startClock(options.Clock)
	q.beginEpoch()
	// Nothing is appended, and no key is given away, before the epoch is durable.
	if err := q.change(func(*state) error { return nil }); err != nil {
		return nil, err
	}
	go q.run()
	return q, nil
}

// listSegments reads the headers of all segments.
func (q *Queue) listSegments() error {
	names, err := q.fs.ReadDir(q.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if first, ok := parseSegmentName(name); ok {
			q.segments = append(q.segments, segment{first: first})
		}
	}
	slices.SortFunc(q.segments, func(a, b segment) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	for index := range q.segments {
		if err := q.readHeader(&q.segments[index]); err != nil {
			return err
		}
	}
	// A time that is not known counts as that of the next segment, so that no message is taken for older than it is.
	for index := len(q.segments) - 2; index >= 0; index-- {
		each, next := &q.segments[index], q.segments[index+1]
		each.written = min(next.previous, next.created)
		each.created = min(each.created, each.written)
	}
	return nil
}

// unknownTime is the time of a damaged header. startClock replaces it.
const unknownTime = ^uint32(0)

func (q *Queue) readHeader(each *segment) error {
	file, err := q.fs.Open(q.segmentPath(each.first))
	if err != nil {
		return err
	}
	defer file.Close()
	if each.size, err = file.Size(); err != nil {
		return err
	}
	header := make([]byte, segmentHeaderSize)
	// The state may know what cannot be read.
	_ = readTolerant(file, header, 0)
	if !each.decodeHeader(header) {
		epoch, known := q.state.epochOf(each.first)
		each.epoch, each.unknownEpoch = epoch, !known
		each.created, each.previous = unknownTime, unknownTime
	}
	each.written = unknownTime
	return nil
}

// recoverTail scans the last segment, which is the only one that may end in the middle of a record.
func (q *Queue) recoverTail() error {
	q.newest = q.state.Newest
	if len(q.segments) == 0 {
		return nil
	}
	last := &q.segments[len(q.segments)-1]
	file, err := q.fs.Open(q.segmentPath(last.first))
	if err != nil {
		return err
	}
	tail, err := scanTail(file, *last)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(repairTail(file, *last, tail), file.Close(), q.fs.SyncDir(q.dir)); err != nil {
		return err
	}
	q.state.TornBytes += last.size - tail.size
	last.size, last.written = tail.size, tail.written
	// What the state or a later batch proves to have been durable is corrupt. Other damage may be a torn write.
	proven := max(tail.proven, q.state.Newest)
	for _, gap := range tail.gaps {
		q.state.lose(LossCorrupt, Range{First: gap.First, Last: min(gap.Last, proven)})
		q.state.lose(LossTorn, Range{First: max(gap.First, proven+1), Last: gap.Last})
	}
	q.newest = max(tail.newest, proven)
	q.state.lose(LossCorrupt, Range{First: max(tail.newest+1, last.first), Last: q.newest})
	if tail.newest < last.first {
		// No record is whole.
		if err := q.fs.Remove(q.segmentPath(last.first)); err != nil {
			return err
		}
		q.segments = q.segments[:len(q.segments)-1]
	}
	return nil
}

// tail is what was found in the last segment.
type tail struct {
	// newest is the sequence of the last whole record, or the one before the segment.
	newest uint64
	// proven is the sequence up to which all records were durable when the last batch was written.
	proven uint64
	gaps   []Range
	// batch is where the last batch begins, size where it ends.
	batch, size int64
	written     uint32
}

// repairTail truncates a segment behind its last whole record, and makes its last batch durable. Fsync alone does not: if
// an fsync failed before the process died, the kernel may hold the batch in pages that it takes for clean. Writing the
// same bytes makes the pages dirty.
func repairTail(file File, last segment, found tail) error {
	if found.size < last.size {
		if err := file.Truncate(found.size); err != nil {
			return err
		}
	}
	buffer := make([]byte, chunkSize)
	for at := found.batch; at < found.size; at += chunkSize {
		chunk := buffer[:min(chunkSize, found.size-at)]
		// What cannot be read was not recovered.
		_ = readTolerant(file, chunk, at)
		if _, err := file.WriteAt(chunk, at); err != nil {
			return err
		}
	}
	return file.Sync()
}

// scanTail reads a segment from its beginning to its last whole record.
func scanTail(file File, last segment) (tail, error) {
	found := tail{newest: last.first - 1, proven: last.first - 1, size: min(last.size, segmentHeaderSize)}
	if last.unknownEpoch {
		return found, nil
	}
	var unreadable error
	read := func(buffer []byte, offset int64) error {
		if err := readTolerant(file, buffer, offset); err != nil {
			unreadable = err
		}
		return nil
	}
	scan := newScanner(last)
	for {
		each, ok, _ := scan.next(read, last.size, 1<<32)
		if !ok && found.newest < last.first {
			// No file is removed because it could not be read.
			return found, unreadable
		}
		if !ok {
			return found, nil
		}
		sequence := last.first + uint64(each.index)
		if sequence > found.newest+1 {
			found.gaps = append(found.gaps, Range{First: found.newest + 1, Last: sequence - 1})
		}
		if each.startBatch {
			found.proven = sequence - 1
			if each.index > 0 {
				found.batch = scan.offset - each.size()
			}
		}
		found.newest, found.size, found.written = sequence, scan.offset, max(found.written, each.clock)
	}
}

// startClock continues the running time from the latest time on disk.
func (q *Queue) startClock(clock func() time.Duration) {
	base := q.state.Clock
	for _, each := range q.segments {
		for _, at := range []uint32{each.created, each.written} {
			if at != unknownTime {
				base = max(base, at)
			}
		}
	}
	for index := range q.segments {
		each := &q.segments[index]
		each.created, each.written = min(each.created, base), min(each.written, base)
	}
	started := clock()
	q.clock = func() uint32 { return base + seconds(clock()-started) }
}

// beginEpoch begins an epoch that no disk has used before.
func (q *Queue) beginEpoch() {
	var number uint64
	for _, each := range q.state.Epochs {
		number = max(number, each.Epoch.Number)
	}
	for _, each := range q.segments {
		number = max(number, each.epoch.Number)
	}
	q.epoch = newEpoch(number)
	// An epoch without messages has given no key, so it can be forgotten.
	if last := len(q.state.Epochs) - 1; last >= 0 && q.state.Epochs[last].First > q.newest {
		q.state.Epochs = q.state.Epochs[:last]
	}
	q.state.Epochs = append(q.state.Epochs, epochStart{Epoch: q.epoch, First: q.newest + 1})
}
