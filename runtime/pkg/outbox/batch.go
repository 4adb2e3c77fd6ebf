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
	begin := len(b.frames)
	b.grow(begin + recordHeaderSize + len(appended.payload))
	copy(b.frames[begin+recordHeaderSize:], appended.payload)
	// The producer may hold the rest until it has read the result.
	appended.payload = nil
	b.ends = append(b.ends, len(b.frames))
}

// grow makes frames longer. Its capacity exceeds maxBatchBytes only for a larger message, so that it is kept for the next
// batch.
func (b *batch) grow(size int) {
	if size > cap(b.frames) {
		capacity := max(size, min(2*cap(b.frames), maxBatchBytes))
		b.frames = append(make([]byte, 0, capacity), b.frames...)
	}
	b.frames = b.frames[:size]
}

// seal writes the headers of the records for a segment.
func (b *batch) seal(salt, firstIndex, clock uint32) {
	begin := 0
	for n, end := range b.ends {
		putRecordHeader(b.frames[begin:end], salt, firstIndex+uint32(n), clock, n == 0)
		begin = end
	}
}

// settle sets the result of each message. The first one has the sequence. The mutex of the queue must be held.
func (b *batch) settle(first uint64, err error) {
	for n, each := range b.appends {
		each.settled, each.sequence, each.err = true, first+uint64(n), err
	}
}
