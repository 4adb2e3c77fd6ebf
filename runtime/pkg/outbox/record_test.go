package outbox

import (
	"bytes"
	"testing"
)

func encodeRecord(payload []byte, salt, index, clock uint32, startBatch bool) []byte {
	frame := append(make([]byte, recordHeaderSize), payload...)
	putRecordHeader(frame, salt, index, clock, startBatch)
	return frame
}

// FuzzDecodeRecord checks that whatever decodes encodes to the same bytes.
func FuzzDecodeRecord(f *testing.F) {
	f.Add(encodeRecord([]byte("payload"), 7, 3, 9, true), uint32(7))
	f.Add(encodeRecord(nil, 0, 0, 0, false), uint32(0))
	f.Add(make([]byte, 100), uint32(1))
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		decoded, ok := decodeRecord(data, salt)
		if ok && !bytes.Equal(encodeRecord(decoded.payload, salt, decoded.index, decoded.clock, decoded.startBatch), data[:decoded.size()]) {
			t.Fatalf("%x decodes to %+v", data, decoded)
		}
	})
}

// FuzzScan checks that a scanner returns the records that follow any bytes, and no others of the producer's making.
func FuzzScan(f *testing.F) {
	f.Add([]byte("damage"), []byte("payload"))
	f.Add(encodeRecord([]byte("of another segment"), 1, 0, 0, true), encodeRecord(nil, 1, 5, 0, false))
	f.Add(make([]byte, 3*chunkSize), make([]byte, 2*chunkSize))
	f.Fuzz(func(t *testing.T, damage, payload []byte) {
		if len(payload) > MaxMessageBytes {
			return
		}
		whole := segment{first: 1, epoch: Epoch{Number: 1, Token: 99}}
		data := append(whole.encodeHeader(), damage...)
		data = append(data, encodeRecord(payload, whole.salt(), 1, 0, true)...)
		data = append(data, encodeRecord([]byte("end"), whole.salt(), 2, 0, false)...)
		scan := newScanner(whole)
		read := func(buffer []byte, offset int64) error { return readTolerant(bytes.NewReader(data), buffer, offset) }
		for index, expected := range [][]byte{payload, []byte("end")} {
			found, ok, err := scan.next(read, int64(len(data)), 1<<32)
			if err != nil || !ok || found.index != uint32(index+1) || !bytes.Equal(found.payload, expected) {
				t.Fatalf("record %d: %+v %v %v", index+1, found, ok, err)
			}
		}
		if found, ok, _ := scan.next(read, int64(len(data)), 1<<32); ok {
			t.Fatalf("%+v", found)
		}
	})
}
