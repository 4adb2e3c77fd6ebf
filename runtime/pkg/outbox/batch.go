package outbox

// maxBatchBytes limits what one fsync covers, and with it the memory of a batch.
const maxBatchBytes = 256 << 10

// batch holds the messages that are written together.
type batch struct {
	appends []*PendingAppend
	// frames are the records. Their headers are written last, because they depend on the segment.
	frames []byte
	// ends are the ends of the records in frames.
	ends []int
}

func (b *batch) reset() {
	clear(b.appends)
	b.appends, b.ends = b.appends[:0], b.ends[:0]
	if cap(b.frames) > maxBatchBytes {
		b.frames = nil
	}
	b.frames = b.frames[:0]
}

// fits tells whether a payload may join a batch that must not exceed a limit. A batch of one message may have any size.
func (b *batch) fits(payload []byte, limit int64) bool {
	return len(b.appends) == 0 || int64(len(b.frames)+recordHeaderSize+len(payload)) <= limit
}

func (b *batch) add(appended *PendingAppend) {
	b.appends = append(b.appends, appended)
	b.frames = append(b.frames, make([]byte, recordHeaderSize)...)
	b.frames = append(b.frames, appended.payload...)
	b.ends = append(b.ends, len(b.frames))
}

// seal writes the headers of the records for a segment.
func (b *batch) seal(salt, firstIndex, clock uint32) {
	begin := 0
	for n, end := range b.ends {
		putRecordHeader(b.frames[begin:end], salt, firstIndex+uint32(n), clock, n == 0)
		begin = end
	}
}

// finish ends the Append of each message. The first one has the key.
func (b *batch) finish(first Key, err error) {
	for n, each := range b.appends {
		if err != nil {
			each.err = err
		} else {
			each.key = first
			each.key.Sequence += uint64(n)
		}
		close(each.done)
	}
}
