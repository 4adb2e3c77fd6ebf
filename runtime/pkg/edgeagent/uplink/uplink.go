package uplink

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

const (
	// recordInterval is how long acknowledgements are collected.
	recordInterval = time.Second
	// sessionExpiry is how long the broker keeps acknowledgements for an agent that is not connected. Messages whose
	// acknowledgements it dropped are sent again.
	sessionExpiry = time.Hour
)

// Delivery says how messages are sent.
type Delivery struct {
	BacklogPercent              int
	WindowMessages, WindowBytes int
	ResendAfter, MaxResendAfter time.Duration
}

// Uplink sends the messages of an outbox.
type Uplink struct {
	Node string
	// Connect opens a connection to the broker. It adds to the options who the agent is.
	Connect    func(ctx context.Context, options mqtt.Options) (*mqtt.Client, error)
	MaxBackoff time.Duration
	Logger     *slog.Logger
	// OnConfig is called with each desired state. It must not wait.
	OnConfig func(payload []byte)
	// Reported returns the state to report. Changed tells that it is another one.
	Reported func() []byte
	Changed  <-chan struct{}

	delivery Delivery
	counts   *Counts
	streams  []*stream
	// order has the streams that were served least recently first. It belongs to the goroutine that sends.
	order  []*stream
	byName map[string]*stream
	wake   chan struct{}
	// progress tells that the cloud acknowledged something since the connection came up.
	progress atomic.Bool

	// mu guards the windows of the streams and what follows.
	mu sync.Mutex
	// unconfirmed are the messages that wait for PUBACK, by packet identifier.
	unconfirmed map[uint16]unconfirmed
	// confirmedAt is when the latest PUBACK came, or when there was nothing to confirm.
	confirmedAt time.Time
}

// unconfirmed is a message that waits for PUBACK. Without a stream it is a report.
type unconfirmed struct {
	stream   *stream
	sequence uint64
}

// New returns an uplink for the queues of an outbox. Its fields must be set before Run.
func New(queues []*outbox.Queue, delivery Delivery, counts *Counts) *Uplink {
	u := &Uplink{
		delivery: delivery, counts: counts, byName: map[string]*stream{}, wake: make(chan struct{}, 1),
	}
	for _, queue := range queues {
		name := queue.Metrics().Class
		s := &stream{name: name, queue: queue, counts: counts.of(name), window: window{
			maxMessages: max(1, delivery.WindowMessages/len(queues)), maxBytes: delivery.WindowBytes / len(queues), flights: map[uint64]*flight{},
			first: delivery.ResendAfter, most: delivery.MaxResendAfter,
		}}
		u.streams = append(u.streams, s)
		u.byName[name] = s
	}
	u.order = slices.Clone(u.streams)
	return u
}

// Run sends until the context ends. It returns when all acknowledgements that it received are recorded.
func (u *Uplink) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range u.streams {
		s.topic = edgeevents.UpTopic(u.Node, s.name)
		s.pause.Max = u.MaxBackoff
		all.Go(func() { u.watch(ctx, s) })
	}
	all.Go(func() { u.recordAcknowledgements(ctx) })
	backoff := mqtt.Backoff{Max: u.MaxBackoff}
	for ctx.Err() == nil {
		u.progress.Store(false)
		err := u.session(ctx)
		u.counts.connected.Store(false)
		if ctx.Err() != nil {
			break
		}
		if u.progress.Load() {
			backoff.Reset()
		}
		wait := backoff.Next()
		u.Logger.Warn("not connected to the broker; messages are kept", "err", err.Error(), "retryIn", wait.Round(time.Millisecond).String())
		sleep(ctx, wait)
	}
	all.Wait()
	u.record()
}

func sleep(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// watch wakes the goroutine that sends when a queue grows.
func (u *Uplink) watch(ctx context.Context, s *stream) {
	for newest := s.queue.Newest(); s.queue.Wait(ctx, newest) == nil; newest = s.queue.Newest() {
		u.signal()
	}
}

func (u *Uplink) signal() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

func (u *Uplink) recordAcknowledgements(ctx context.Context) {
	ticker := time.NewTicker(recordInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			u.record()
		case <-ctx.Done():
			return
		}
	}
}

func (u *Uplink) record() {
	for _, s := range u.streams {
		s.acknowledgements.record(s.queue, u.Logger.With("class", s.name))
	}
}
