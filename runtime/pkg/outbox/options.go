package outbox

import (
	"errors"
	"fmt"
	"time"
)

// FullPolicy decides what happens to a message that does not fit.
type FullPolicy string

const (
	// Refuse refuses the new message with ErrFull.
	Refuse FullPolicy = "Refuse"
	// DropOldest deletes the oldest segment of the class and keeps the new message.
	DropOldest FullPolicy = "DropOldest"
)

// Class is a kind of messages with limits of its own. Classes do not share space: one that is full does not affect others.
type Class struct {
	// Name is a DNS label.
	Name string
	// MaxBytes limits the space that the messages take on disk, counted in blocks of 4 KiB. It must be at least 4 times
	// the sum of SegmentBytes, MaxMessageBytes and a block. The state of the class takes another 128 KiB.
	MaxBytes int64
	// MaxAge is the age at which messages are dropped, at the earliest. It is measured in running time of the outbox: time
	// without power, and steps of the clock, do not count.
	//
	// Default: no limit.
	MaxAge time.Duration
	// WhenFull must be Refuse or DropOldest.
	WhenFull FullPolicy
	// MaxMessageBytes limits a payload.
	//
	// Default: 64 KiB.
	MaxMessageBytes int
	// SegmentBytes is the size of a file at which the next one is begun. Files are deleted as a whole.
	//
	// Default: 1/64 of MaxBytes, but at least 64 KiB and at most 4 MiB.
	SegmentBytes int64
}

// Options configure an outbox.
type Options struct {
	// Dir is the folder of the outbox. It is created if necessary.
	Dir string
	// Node is the name of this device, a DNS subdomain. It must be unique among the devices that send to one cloud.
	Node string
	// Classes must not be empty. A class that is removed here keeps its files.
	Classes []Class
	// FS is the file system. Default: that of the operating system.
	FS FS
	// Clock returns a time that never steps. Default: the monotonic clock of the process.
	Clock func() time.Duration
}

// Check returns the problems of the options, joined, each with the path of its field. Open returns the same.
func (o Options) Check() error {
	_, err := o.withDefaults()
	return err
}

// withDefaults sets the defaults and returns all problems at once.
func (o Options) withDefaults() (Options, error) {
	var problems []error
	problem := func(path, format string, args ...any) {
		problems = append(problems, fmt.Errorf(path+": "+format, args...))
	}
	if o.Dir == "" {
		problem("dir", "must not be empty")
	}
	if err := CheckNode(o.Node); err != nil {
		problem("node", "%w", err)
	}
	if len(o.Classes) == 0 {
		problem("classes", "must not be empty")
	}
	o.Classes = append([]Class(nil), o.Classes...)
	seen := map[string]bool{}
	for index := range o.Classes {
		class := &o.Classes[index]
		path := fmt.Sprintf("classes[%d]", index)
		class.setDefaults()
		if err := CheckClass(class.Name); err != nil {
			problem(path+".name", "%w", err)
		}
		if seen[class.Name] {
			problem(path+".name", "%q: duplicate value", class.Name)
		}
		seen[class.Name] = true
		if class.WhenFull != Refuse && class.WhenFull != DropOldest {
			problem(path+".whenFull", "%q: must be one of %s, %s", class.WhenFull, Refuse, DropOldest)
		}
		if class.MaxMessageBytes < 1 || class.MaxMessageBytes > MaxMessageBytes {
			problem(path+".maxMessageBytes", "%d: must be between 1 and %d", class.MaxMessageBytes, MaxMessageBytes)
		}
		if class.SegmentBytes < 1 || class.SegmentBytes > 1<<30 {
			problem(path+".segmentBytes", "%d: must be between 1 and %d", class.SegmentBytes, 1<<30)
		}
		if least := 4 * (class.SegmentBytes + int64(class.MaxMessageBytes) + blockSize); class.MaxBytes < least {
			problem(path+".maxBytes", "%d: must be at least %d", class.MaxBytes, least)
		}
		if class.MaxAge < 0 || class.MaxAge > 0 && class.MaxAge < time.Minute {
			problem(path+".maxAge", "%s: must be 0 or at least 1m", class.MaxAge)
		}
	}
	if o.FS == nil {
		o.FS = osFS{}
	}
	if o.Clock == nil {
		started := time.Now()
		o.Clock = func() time.Duration { return time.Since(started) }
	}
	return o, errors.Join(problems...)
}

func (c *Class) setDefaults() {
	if c.MaxMessageBytes == 0 {
		c.MaxMessageBytes = 64 << 10
	}
	if c.SegmentBytes == 0 {
		c.SegmentBytes = min(max(c.MaxBytes/64, 64<<10), 4<<20)
	}
}
