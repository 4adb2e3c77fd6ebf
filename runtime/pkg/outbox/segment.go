package outbox

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"strconv"
	"strings"
)

// A segment is a file that begins with a header of 48 bytes:
//
//	0  "SKOUTBX1"
//	8  number and token of the epoch
//	24 sequence of the first record
//	32 seconds of the outbox's running time when the segment was created
//	36 the same when the last record of the segment before was written
//	40 zero
//	44 checksum: CRC-32C of everything before this field
const segmentHeaderSize = 48

const segmentMagic = "SKOUTBX1"

// blockSize is the unit in which file systems allocate space, and in which the outbox counts it.
const blockSize = 4096

// segment is a file of consecutive records, all of one epoch.
type segment struct {
	// first is the sequence of the first record. The segment ends where the next one begins, whatever its file holds.
	first uint64
	epoch Epoch
	// unknownEpoch tells that the header is damaged and the state does not name the epoch. No record can be proven.
	unknownEpoch bool
	// size is how many bytes count. A failed write may have left more.
	size int64
	// created and written are upper bounds of the running time at the first and at the last record.
	created, written uint32
	// previous is an upper bound of the running time at the last record before the segment.
	previous uint32
}

// allocated returns the space that the segment takes on disk.
func (s segment) allocated() int64 { return allocate(s.size) }

func allocate(size int64) int64 { return (size + blockSize - 1) / blockSize * blockSize }

// salt returns the start value of the records' checksums. A record copied from another segment, or written by a producer
// into a payload, is not taken for a record of this one.
func (s segment) salt() uint32 {
	var data [24]byte
	binary.LittleEndian.PutUint64(data[0:], s.epoch.Number)
	binary.LittleEndian.PutUint64(data[8:], s.epoch.Token)
	binary.LittleEndian.PutUint64(data[16:], s.first)
	return crc32.Checksum(data[:], castagnoli)
}

func (s segment) encodeHeader() []byte {
	header := make([]byte, segmentHeaderSize)
	copy(header, segmentMagic)
	binary.LittleEndian.PutUint64(header[8:], s.epoch.Number)
	binary.LittleEndian.PutUint64(header[16:], s.epoch.Token)
	binary.LittleEndian.PutUint64(header[24:], s.first)
	binary.LittleEndian.PutUint32(header[32:], s.created)
	binary.LittleEndian.PutUint32(header[36:], s.previous)
	binary.LittleEndian.PutUint32(header[44:], crc32.Checksum(header[:44], castagnoli))
	return header
}

// decodeHeader reads a segment's epoch and times. It returns false if the header is damaged.
func (s *segment) decodeHeader(header []byte) bool {
	if len(header) < segmentHeaderSize || string(header[:8]) != segmentMagic ||
		binary.LittleEndian.Uint64(header[24:]) != s.first ||
		binary.LittleEndian.Uint32(header[44:]) != crc32.Checksum(header[:44], castagnoli) {
		return false
	}
	s.epoch = Epoch{Number: binary.LittleEndian.Uint64(header[8:]), Token: binary.LittleEndian.Uint64(header[16:])}
	s.created = binary.LittleEndian.Uint32(header[32:])
	s.previous = binary.LittleEndian.Uint32(header[36:])
	return true
}

const segmentSuffix = ".segment"

func segmentPath(dir string, first uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", first, segmentSuffix))
}

// parseSegmentName returns the first sequence from a segment's name.
func parseSegmentName(name string) (uint64, bool) {
	digits, isSegment := strings.CutSuffix(name, segmentSuffix)
	first, err := strconv.ParseUint(digits, 16, 64)
	return first, isSegment && err == nil && len(digits) == 16 && first > 0
}
