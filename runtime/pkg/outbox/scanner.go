package outbox

import (
	"errors"
	"io"
)

// chunkSize is how many bytes are read from a segment at a time, unless a record is larger.
const chunkSize = 32 << 10

// scanner reads the records of a segment in order. It passes over bytes that are no whole record and continues with the
// next record that its checksum proves, so that damage costs only the records that it hit.
type scanner struct {
	salt uint32
	// offset is where the next record is expected.
	offset int64
	// nextIndex is the least index that the next record may have.
	nextIndex uint32
	// buffer holds the bytes of the file from bufferAt.
	buffer   []byte
	bufferAt int64
}

func newScanner(of segment) *scanner { return &scanner{salt: of.salt(), offset: segmentHeaderSize} }

// next returns the next record before the end of the segment with an index below the limit, and false if there is none.
// The payload is valid until the following call. After an error the scanner is where it was.
func (s *scanner) next(read readAt, end int64, limit uint64) (record, bool, error) {
	for at := s.offset; at+recordHeaderSize <= end; at++ {
		header, err := s.peek(read, at, recordHeaderSize, end)
		if err != nil {
			return record{}, false, err
		}
		length, ok := recordLength(header)
		index := recordIndex(header)
		if !ok || at+recordHeaderSize+length > end || index < s.nextIndex || uint64(index) >= limit {
			continue
		}
		frame, err := s.peek(read, at, int(recordHeaderSize+length), end)
		if err != nil {
			return record{}, false, err
		}
		if found, ok := decodeRecord(frame, s.salt); ok {
			s.offset = at + found.size()
			s.nextIndex = found.index + 1
			return found, true, nil
		}
	}
	return record{}, false, nil
}

// peek returns n bytes at an offset. They must lie before the end.
func (s *scanner) peek(read readAt, at int64, n int, end int64) ([]byte, error) {
	if at < s.bufferAt || at+int64(n) > s.bufferAt+int64(len(s.buffer)) {
		size := int(min(int64(max(n, chunkSize)), end-at))
		if cap(s.buffer) < size || cap(s.buffer) > chunkSize && size <= chunkSize {
			s.buffer = make([]byte, size)
		}
		s.buffer, s.bufferAt = s.buffer[:size], at
		if err := read(s.buffer, at); err != nil {
			s.buffer = s.buffer[:0]
			return nil, err
		}
	}
	return s.buffer[at-s.bufferAt:][:n], nil
}

// readAt fills a buffer from an offset of a file.
type readAt func(buffer []byte, offset int64) error

// readTolerant fills a buffer from a file. Blocks that cannot be read at a second attempt, and what lies behind the end of
// the file, are filled with zeros, which no checksum accepts. It returns the error of the first block that cannot be read.
func readTolerant(file io.ReaderAt, buffer []byte, offset int64) error {
	n, err := file.ReadAt(buffer, offset)
	if n == len(buffer) {
		return nil
	}
	clear(buffer[n:])
	if errors.Is(err, io.EOF) {
		return nil
	}
	var unreadable error
	for at := 0; at < len(buffer); {
		// Blocks of the file, not of the buffer.
		size := min(len(buffer)-at, blockSize-int((offset+int64(at))%blockSize))
		block := buffer[at : at+size]
		n, err := file.ReadAt(block, offset+int64(at))
		if n < size && !errors.Is(err, io.EOF) {
			n = 0
			if unreadable == nil {
				unreadable = err
			}
		}
		clear(block[n:])
		at += size
	}
	return unreadable
}
