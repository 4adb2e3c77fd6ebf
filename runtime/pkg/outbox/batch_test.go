package outbox

import "testing"

// TestABatchKeepsItsBuffer fills batches to their limit: the next one needs no memory.
func TestABatchKeepsItsBuffer(t *testing.T) {
	for _, size := range []int{100, 1000, maxBatchBytes - recordHeaderSize} {
		payload := make([]byte, size)
		var b batch
		fill := func() {
			b.reset()
			for b.fits(payload, maxBatchBytes) {
				b.add(&PendingAppend{payload: payload})
			}
		}
		fill()
		before := &b.frames[0]
		for range 3 {
			if fill(); &b.frames[0] != before || cap(b.frames) > maxBatchBytes {
				t.Fatalf("messages of %d bytes: the batch has another buffer, of %d bytes", size, cap(b.frames))
			}
		}
	}
	// A larger message takes as much as it needs, and no longer than necessary.
	b := batch{}
	b.add(&PendingAppend{payload: make([]byte, 2*maxBatchBytes)})
	if b.reset(); b.frames != nil {
		t.Errorf("%d bytes are kept", cap(b.frames))
	}
}
