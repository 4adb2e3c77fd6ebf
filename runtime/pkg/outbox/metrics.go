package outbox

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Metrics describes a queue. Counters that survive a restart are marked as persistent.
type Metrics struct {
	Class string
	Epoch Epoch
	// Depth is how many messages wait for their acknowledgement.
	Depth uint64
	// Bytes is the space that the messages take on disk, of MaxBytes.
	Bytes, MaxBytes int64
	Segments        int
	// OldestAge is the running time since the oldest waiting message was appended, or 0. It is a lower bound of its age.
	OldestAge time.Duration
	// Newest is the sequence of the newest message.
	Newest uint64
	// Appended and Refused count the messages of this run that were kept and that did not fit.
	Appended, Refused uint64
	// Commits counts the batches of this run, and CommitTime the time for writing and fsync.
	Commits    uint64
	CommitTime time.Duration
	// FailedWrites and FailedRemovals count the failures of the disk in this run.
	FailedWrites, FailedRemovals uint64
	// Acknowledged counts the acknowledged messages. Persistent.
	Acknowledged uint64
	// Lost counts the messages that were not and will not be delivered, by reason. Persistent.
	Lost map[LossReason]uint64
	// Losses are the latest 64 ranges of lost messages, oldest first. Persistent.
	Losses []Loss
	// TornBytes counts the bytes behind the last whole record that were discarded at a start. Persistent.
	TornBytes int64
	// StateLost tells that this run began without knowing what was acknowledged, so that messages are delivered again.
	StateLost bool
}

// counters are the metrics of this run.
type counters struct {
	appended, refused, commits   uint64
	failedWrites, failedRemovals uint64
	commitTime                   time.Duration
	stateLost                    bool
}

// Metrics returns the present metrics.
func (q *Queue) Metrics() Metrics {
	age := q.oldestAge()
	q.mu.Lock()
	defer q.mu.Unlock()
	return Metrics{
		Class:          q.class.Name,
		Epoch:          q.epoch,
		Depth:          q.newest - q.state.Done.Count(Range{First: 1, Last: q.newest}),
		Bytes:          q.used(),
		MaxBytes:       q.class.MaxBytes,
		Segments:       len(q.segments),
		OldestAge:      age,
		Newest:         q.newest,
		Appended:       q.counts.appended,
		Refused:        q.counts.refused,
		Commits:        q.counts.commits,
		CommitTime:     q.counts.commitTime,
		FailedWrites:   q.counts.failedWrites,
		FailedRemovals: q.counts.failedRemovals,
		Acknowledged:   q.state.Acknowledged,
		Lost:           maps.Clone(q.state.Lost),
		Losses:         slices.Clone(q.state.Losses),
		TornBytes:      q.state.TornBytes,
		StateLost:      q.counts.stateLost,
	}
}

// oldestMessage remembers when the oldest waiting message was appended.
type oldestMessage struct {
	mu       sync.Mutex
	reader   *Reader
	sequence uint64
	clock    uint32
}

// oldestAge returns the age of the oldest waiting message. It reads that message only if another one was oldest before.
func (q *Queue) oldestAge() time.Duration {
	q.oldest.mu.Lock()
	defer q.oldest.mu.Unlock()
	at, ok := q.locate(0)
	if !ok {
		q.oldest.reader = nil
		return 0
	}
	if q.oldest.sequence != at.sequence {
		if q.oldest.reader == nil {
			q.oldest.reader = q.Reader(0)
		}
		q.oldest.sequence, q.oldest.clock = at.sequence, at.created
		if found, ok, err := q.oldest.reader.read(at); ok && err == nil {
			q.oldest.clock = found.clock
		}
	}
	return q.age(q.oldest.clock)
}

// age returns the running time since a time of the queue's clock. A time in the future, which only a lost segment leaves
// behind, has no age.
func (q *Queue) age(clock uint32) time.Duration {
	now := q.clock()
	return time.Duration(now-min(clock, now)) * time.Second
}
