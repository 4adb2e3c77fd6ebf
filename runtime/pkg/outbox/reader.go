package outbox

import (
	"errors"
	"io/fs"
	"slices"
	"time"
)

// Message is a message that waits for its acknowledgement.
type Message struct {
	Key     Key
	Payload []byte
	// Age is the running time of the outbox since the message was appended.
	Age time.Duration
}

// Reader reads the messages of a queue in order. It passes over messages that need no delivery any more. Its memory does
// not depend on how many messages wait: one chunk of 32 KiB, or the largest message. Several readers may read one queue,
// but each must be used by one goroutine at a time. A reader needs no closing.
type Reader struct {
	queue *Queue
	next  uint64
	// segment is the first sequence of the segment that scan reads.
	segment uint64
	scan    *scanner
}

// Reader returns a reader of the messages from a sequence on. Reader(0) begins with the oldest message, and
// Reader(Newest()+1) reads only messages that are appended later.
func (q *Queue) Reader(from uint64) *Reader { return &Reader{queue: q, next: from} }

// Seek continues at a sequence. Going forward within a file, it does not read the file from its beginning again.
func (r *Reader) Seek(sequence uint64) { r.next = sequence }

// Next returns the next message, or ErrNoMessage if there is none yet. A reader does not remember what it has returned:
// a message that is not acknowledged is returned again by the next reader.
//
// Messages that turn out to be damaged are recorded as lost, and reading continues behind them. After any other error,
// Next may be called again.
func (r *Reader) Next() (Message, error) {
	for {
		at, ok := r.queue.locate(r.next)
		if !ok {
			return Message{}, ErrNoMessage
		}
		r.next = at.sequence
		found, ok, err := r.read(at)
		if err != nil {
			return Message{}, err
		}
		sequence := at.end
		if ok {
			sequence = at.first + uint64(found.index)
		}
		if sequence > r.next {
			if err := r.queue.recordLoss(LossCorrupt, Range{First: r.next, Last: sequence - 1}); err != nil {
				r.scan = nil
				return Message{}, err
			}
			r.next = sequence
			r.scan = nil
			continue
		}
		r.next++
		return Message{
			Key:     Key{Node: r.queue.node, Class: r.queue.class.Name, Epoch: at.epoch, Sequence: sequence},
			Payload: slices.Clone(found.payload),
			Age:     r.queue.age(found.clock),
		}, nil
	}
}

// location is where a message should be.
type location struct {
	segment
	sequence uint64
	// end is the sequence after the last one of the segment.
	end uint64
}

// locate finds the first message at or after a sequence that needs delivery.
func (q *Queue) locate(from uint64) (location, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	sequence := q.state.Done.Next(max(from, 1))
	if sequence > q.newest {
		return location{}, false
	}
	index, isFirst := slices.BinarySearchFunc(q.segments, sequence, func(each segment, target uint64) int {
		switch {
		case each.first < target:
			return -1
		case each.first > target:
			return 1
		}
		return 0
	})
	if !isFirst {
		index--
	}
	if index < 0 {
		// No segment holds the message. It is found to be lost when it is read.
		end := q.newest + 1
		if len(q.segments) > 0 {
			end = q.segments[0].first
		}
		return location{sequence: sequence, end: end}, true
	}
	return location{segment: q.segments[index], sequence: sequence, end: q.end(index)}, true
}

// read returns the first record of a segment at or after a message, and false if there is none.
func (r *Reader) read(at location) (record, bool, error) {
	if at.segment.first == 0 || at.unknownEpoch {
		return record{}, false, nil
	}
	wanted := uint32(at.sequence - at.first)
	if r.scan == nil || r.segment != at.first || r.scan.nextIndex > wanted {
		r.scan, r.segment = newScanner(at.segment), at.first
	}
	file := segmentReader{queue: r.queue, first: at.first}
	defer file.close()
	for {
		found, ok, err := r.scan.next(file.readAt, at.size, at.end-at.first)
		if errors.Is(err, fs.ErrNotExist) {
			// The file was deleted, because its messages are done, or it is lost.
			return record{}, false, nil
		}
		if !ok || found.index >= wanted {
			return found, ok, err
		}
	}
}

// segmentReader opens the file of a segment when something is read from it, and closes it soon after: an open file could
// not be deleted on Windows.
type segmentReader struct {
	queue *Queue
	first uint64
	file  File
}

func (s *segmentReader) readAt(buffer []byte, offset int64) error {
	if s.file == nil {
		s.queue.reading.RLock()
		file, err := s.queue.fs.Open(s.queue.segmentPath(s.first))
		if err != nil {
			s.queue.reading.RUnlock()
			return err
		}
		s.file = file
	}
	// What cannot be read fails the checksum.
	_ = readTolerant(s.file, buffer, offset)
	return nil
}

func (s *segmentReader) close() {
	if s.file != nil {
		_ = s.file.Close()
		s.queue.reading.RUnlock()
	}
}

// recordLoss records that messages cannot be read.
func (q *Queue) recordLoss(reason LossReason, lost Range) error {
	return q.change(func(next *state) error {
		if len(next.Done.Missing(lost)) == 0 {
			return errUnchanged
		}
		next.lose(reason, lost)
		return nil
	})
}
