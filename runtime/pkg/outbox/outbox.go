package outbox

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// Outbox is a folder with one queue for each class of messages. One process may have it open at a time. Its methods and
// those of its queues may be called from several goroutines.
type Outbox struct {
	lock   io.Closer
	queues map[string]*Queue
	order  []*Queue
}

// Open opens or creates an outbox, and begins a new epoch in each queue. It fails if the disk cannot make that durable.
//
// Only what was written last is verified here. Older segments are verified when they are read, so that the time to open
// does not depend on how many messages wait.
func Open(options Options) (*Outbox, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if err := options.FS.MkdirAll(options.Dir); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	lock, err := options.FS.Lock(filepath.Join(options.Dir, lockName))
	if err != nil {
		return nil, fmt.Errorf("outbox %s: in use by another process: %w", options.Dir, err)
	}
	opened := &Outbox{lock: lock, queues: map[string]*Queue{}}
	for _, class := range options.Classes {
		queue, err := openQueue(options, class)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("outbox: class %s: %w", class.Name, err), opened.Close())
		}
		opened.queues[class.Name] = queue
		opened.order = append(opened.order, queue)
	}
	return opened, nil
}

// lockName is not the name of a class, which has no dots.
const lockName = "outbox.lock"

// Queue returns the queue of a class, or nil if the options do not name the class.
func (o *Outbox) Queue(class string) *Queue { return o.queues[class] }

// Metrics returns the metrics of each class, in the order of the options.
func (o *Outbox) Metrics() []Metrics {
	metrics := make([]Metrics, 0, len(o.order))
	for _, queue := range o.order {
		metrics = append(metrics, queue.Metrics())
	}
	return metrics
}

// Close writes the messages that wait in Append, and closes the outbox. Everything that was promised holds without it,
// too.
func (o *Outbox) Close() error {
	var problems []error
	for _, queue := range o.order {
		problems = append(problems, queue.close())
	}
	return errors.Join(append(problems, o.lock.Close())...)
}
