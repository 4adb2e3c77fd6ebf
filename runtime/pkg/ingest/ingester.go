package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/migrations"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// Options configure an Ingester.
type Options struct {
	Store Store
	// Connect connects to the broker.
	Connect func(context.Context) (*mqtt.BlockingClient, error)
	// Group is the name of the shared subscription. Instances with the same group share the messages.
	Group string
	// BatchSize is how many messages are stored in one transaction at most.
	BatchSize int
	// BatchDelay is how long the first message of a batch waits for others.
	BatchDelay time.Duration
	Registry   prometheus.Registerer
	Logger     *slog.Logger
}

// Ingester stores what the broker delivers.
type Ingester struct {
	Options
	metrics *metrics

	mu sync.Mutex
	// problem is why nothing can be stored now.
	problem error
}

// New returns an Ingester that does nothing until Run is called.
func New(options Options) *Ingester {
	return &Ingester{Options: options, metrics: newMetrics(options.Registry), problem: errors.New("starting")}
}

const (
	// commitPatience is how long a batch is tried again before the connection to the broker is given up. It is shorter than
	// the time after which agents send a message again.
	commitPatience = 20 * time.Second
	// commitTimeout limits one attempt, and a batch that is being stored when the program ends.
	commitTimeout = 10 * time.Second
	maxBackoff    = 15 * time.Second
	// statusInterval is how often the gaps of all nodes are counted.
	statusInterval = 30 * time.Second
)

// Run stores messages until the context ends. Then it finishes the batch that is being stored and disconnects. It returns an
// error only if trying again cannot help.
func (i *Ingester) Run(ctx context.Context) error {
	go i.watchStatus(ctx)
	for backoff := (mqtt.Backoff{Max: maxBackoff}); ; {
		started := time.Now()
		err := i.session(ctx)
		i.setProblem(err)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, migrations.ErrNewerSchema):
			return err
		}
		if time.Since(started) > time.Minute {
			backoff.Reset()
		}
		wait := backoff.Next()
		i.Logger.Warn("cannot store messages", "error", err, "retryAfter", wait.Round(time.Millisecond).String())
		if !sleep(ctx, wait) {
			return nil
		}
	}
}

// Problem returns why nothing can be stored now, or nil.
func (i *Ingester) Problem() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.problem
}

func (i *Ingester) setProblem(problem error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.problem = problem
	if problem == nil {
		i.metrics.connected.Set(1)
	} else {
		i.metrics.connected.Set(0)
	}
}

// session connects to the database and then to the broker, and stores messages until one of them fails. While the database
// cannot be written, it does not connect to the broker, which would deliver messages that cannot be stored.
func (i *Ingester) session(ctx context.Context) error {
	preparing, cancel := context.WithTimeout(ctx, commitTimeout)
	err := i.Store.Prepare(preparing)
	cancel()
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	client, err := i.connect(ctx)
	if err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	defer client.Close()
	i.setProblem(nil)
	i.Logger.Info("storing messages")
	for {
		batch, err := i.collect(ctx, client)
		if err != nil {
			return err
		}
		if err := i.commit(ctx, client, batch); err != nil {
			return err
		}
	}
}

func (i *Ingester) connect(ctx context.Context) (*mqtt.BlockingClient, error) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	client, err := i.Connect(ctx)
	if err != nil {
		return nil, err
	}
	// Brokers do not send retained messages to shared subscriptions, so each instance receives all reports of losses.
	if err := client.Subscribe(ctx, "$share/"+i.Group+"/"+edgeevents.UpFilter, edgeevents.LossesFilter); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// collect waits for a message and takes what follows it, up to the size and the delay of a batch.
func (i *Ingester) collect(ctx context.Context, client *mqtt.BlockingClient) ([]mqtt.Message, error) {
	first, err := client.Receive(ctx)
	if err != nil {
		return nil, err
	}
	batch := []mqtt.Message{first}
	delay := time.NewTimer(i.BatchDelay)
	defer delay.Stop()
	for len(batch) < i.BatchSize {
		select {
		case message := <-client.Messages():
			batch = append(batch, message)
		case <-delay.C:
			return batch, nil
		case <-client.Done():
			return nil, client.Err()
		case <-ctx.Done():
			return batch, nil
		}
	}
	return batch, nil
}

// commit stores a batch, then acknowledges it to the agents, and then to the broker.
func (i *Ingester) commit(ctx context.Context, client *mqtt.BlockingClient, batch []mqtt.Message) error {
	deliveries := make([]Delivery, len(batch))
	now := time.Now()
	for index, each := range batch {
		deliveries[index] = Delivery{Topic: each.Topic, Payload: each.Payload, Truncated: each.Truncated, At: now}
	}
	result, err := i.store(ctx, deliveries)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	i.metrics.record(result)
	for _, key := range result.Conflicts {
		i.Logger.Warn("a key was used twice with different contents: two devices may have the same name", "key", key.String())
	}
	acknowledgements, err := result.Acknowledgements()
	if err != nil {
		return err
	}
	var outgoing []mqtt.Outgoing
	for topic, payloads := range acknowledgements {
		for _, payload := range payloads {
			outgoing = append(outgoing, mqtt.Outgoing{Topic: topic, Payload: payload, ContentType: "application/json"})
		}
	}
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	if err := client.Send(sending, outgoing...); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	if err := client.Acknowledge(batch...); err != nil {
		return fmt.Errorf("broker: %w", err)
	}
	return nil
}

// store stores a batch. It tries again for a while, because a database may restart or fail over. A batch that is stored
// twice, because the answer to the commit was lost, does no harm. The end of the program does not interrupt an attempt.
func (i *Ingester) store(ctx context.Context, deliveries []Delivery) (Result, error) {
	started := time.Now()
	for backoff := (mqtt.Backoff{Max: maxBackoff}); ; {
		attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
		begun := time.Now()
		result, err := Write(attempt, i.Store, deliveries)
		cancel()
		if err == nil {
			i.metrics.commits.Observe(time.Since(begun).Seconds())
			i.metrics.batches.Observe(float64(len(deliveries)))
			i.metrics.lastCommit.SetToCurrentTime()
			i.setProblem(nil)
			return result, nil
		}
		i.setProblem(fmt.Errorf("database: %w", err))
		if wait := backoff.Next(); time.Since(started)+wait > commitPatience || !sleep(ctx, wait) {
			return Result{}, err
		}
		i.Logger.Warn("cannot commit", "error", err)
	}
}

// watchStatus counts nodes and gaps.
func (i *Ingester) watchStatus(ctx context.Context) {
	for wait := time.Second; sleep(ctx, wait); {
		if i.Problem() != nil {
			wait = time.Second
			continue
		}
		asking, cancel := context.WithTimeout(ctx, statusInterval)
		if streams, err := i.Store.Status(asking); err == nil {
			i.metrics.recordStatus(streams)
		}
		cancel()
		wait = statusInterval
	}
}

// sleep waits, and returns false if the context ends before.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
