package outbox

import (
	"encoding/binary"
	"hash/crc32"
)

// A record is a header of 16 bytes and the payload. All numbers are little-endian:
//
//	0  checksum: CRC-32C of the segment's salt and everything after this field
//	4  length of the payload; the highest bit marks the first record of a batch
//	8  sequence, counted from the first one of the segment
//	12 seconds of the outbox's running time
const recordHeaderSize = 16

// MaxMessageBytes is the largest payload that a class may allow.
const MaxMessageBytes = 1 << 20

// batchStart marks the first record of a batch. It was written after the batch before it was durable. A whole record with
// this mark therefore proves that every record before it was once on disk.
const batchStart = 1 << 31

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is one decoded message of a segment.
type record struct {
	// index is the sequence, counted from the first one of the segment.
	index      uint32
	clock      uint32
	startBatch bool
	payload    []byte
}

// size returns how many bytes the record takes on disk.
func (r record) size() int64 { return recordHeaderSize + int64(len(r.payload)) }

// putRecordHeader writes the header of a record into its first 16 bytes. The rest of frame is the payload.
func putRecordHeader(frame []byte, salt, index, clock uint32, startBatch bool) {
	length := uint32(len(frame) - recordHeaderSize)
	if startBatch {
		length |= batchStart
	}
	binary.LittleEndian.PutUint32(frame[4:], length)
	binary.LittleEndian.PutUint32(frame[8:], index)
	binary.LittleEndian.PutUint32(frame[12:], clock)
	binary.LittleEndian.PutUint32(frame, crc32.Update(salt, castagnoli, frame[4:]))
}

// recordLength returns the length of a record's payload from its header, and whether a record may have it.
func recordLength(header []byte) (int64, bool) {
	length := binary.LittleEndian.Uint32(header[4:]) &^ batchStart
	return int64(length), length <= MaxMessageBytes
}

// recordIndex returns the index of a record from its header.
func recordIndex(header []byte) uint32 { return binary.LittleEndian.Uint32(header[8:]) }

// decodeRecord decodes the record at the start of data. The record is false unless it is whole and its checksum is right.
// The payload is part of data.
func decodeRecord(data []byte, salt uint32) (record, bool) {
	if len(data) < recordHeaderSize {
		return record{}, false
	}
	length, ok := recordLength(data)
	if !ok || int64(len(data)) < recordHeaderSize+length {
		return record{}, false
	}
	frame := data[:recordHeaderSize+length]
	if crc32.Update(salt, castagnoli, frame[4:]) != binary.LittleEndian.Uint32(frame) {
		return record{}, false
	}
	return record{
		index:      recordIndex(frame),
		clock:      binary.LittleEndian.Uint32(frame[12:]),
		startBatch: binary.LittleEndian.Uint32(frame[4:])&batchStart != 0,
		payload:    frame[recordHeaderSize:],
	}, true
}
