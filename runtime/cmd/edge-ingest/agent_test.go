package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// agent sends what is in an outbox, as an edge agent does.
type agent struct {
	t      *testing.T
	node   string
	dial   mqtt.Options
	queue  *outbox.Queue
	mu     sync.Mutex
	client *mqtt.BlockingClient
	// acknowledged are the keys that the ingest has acknowledged, and appended all keys with their contents.
	acknowledged map[outbox.Key]bool
	appended     map[outbox.Key]string
	inFlight     map[outbox.Key]sent
}

// sent is a message without acknowledgement.
type sent struct {
	payload []byte
	at      time.Time
}

const (
	agentWindow = 100
	// agentPatience is how long an agent waits before it sends a message again.
	agentPatience = 400 * time.Millisecond
)

// startAgent starts an agent that runs until the test ends.
func startAgent(t *testing.T, node string, dial mqtt.Options) *agent {
	t.Helper()
	box, err := outbox.Open(outbox.Options{Dir: t.TempDir(), Node: node, Classes: []outbox.Class{{Name: "telemetry", MaxBytes: 64 << 20, WhenFull: outbox.Refuse}}})
	if err != nil {
		t.Fatal(err)
	}
	dial.ClientID = node
	a := &agent{
		t: t, node: node, dial: dial, queue: box.Queue("telemetry"), acknowledged: map[outbox.Key]bool{}, appended: map[outbox.Key]string{},
		inFlight: map[outbox.Key]sent{},
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			a.connect(ctx)
			time.Sleep(20 * time.Millisecond)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
		_ = box.Close()
	})
	return a
}

// produce appends messages until the context ends.
func (a *agent) produce(ctx context.Context, every time.Duration) {
	for count := 0; ctx.Err() == nil; count++ {
		a.append(fmt.Sprintf("%s-%d", a.node, count))
		time.Sleep(every)
	}
}

func (a *agent) append(content string) {
	body, err := edgeevents.Event{Type: edgeevents.TypeDeviceMessage, Subject: content}.Encode()
	if err != nil {
		a.t.Error(err)
		return
	}
	key, err := a.queue.Append(context.Background(), body)
	if err != nil {
		a.t.Error(err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.appended[key] = content
}

// connect sends what waits, until the connection ends.
func (a *agent) connect(ctx context.Context) {
	connecting, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, err := mqtt.ConnectBlocking(connecting, a.dial)
	if err != nil {
		return
	}
	defer client.Close()
	if client.Subscribe(connecting, edgeevents.AckTopic(a.node, "telemetry")) != nil {
		return
	}
	clear(a.inFlight)
	reader := a.queue.Reader(0)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-client.Done():
			return
		case message := <-client.Messages():
			a.acknowledge(client, message)
		case <-tick.C:
		}
		if !a.send(ctx, client, reader) {
			return
		}
	}
}

// send sends messages up to the window, and repeats those that were not acknowledged in time.
func (a *agent) send(ctx context.Context, client *mqtt.BlockingClient, reader *outbox.Reader) bool {
	var due []outbox.Key
	for key, each := range a.inFlight {
		if time.Since(each.at) > agentPatience {
			due = append(due, key)
		}
	}
	for len(a.inFlight) < agentWindow {
		message, err := reader.Next()
		if errors.Is(err, outbox.ErrNoMessage) {
			break
		}
		if err != nil {
			a.t.Errorf("read: %v", err)
			return false
		}
		a.inFlight[message.Key] = sent{payload: edgeevents.Seal(message.Key, message.Payload)}
		due = append(due, message.Key)
	}
	sending, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, key := range due {
		payload := a.inFlight[key].payload
		a.inFlight[key] = sent{payload, time.Now()}
		if client.Send(sending, mqtt.Outgoing{Topic: edgeevents.UpTopic(key.Node, key.Class), Payload: payload, ContentType: edgeevents.ContentType}) != nil {
			return false
		}
	}
	return true
}

// acknowledge passes acknowledgements on to the outbox: all that have arrived at once, because each change of the outbox
// costs an fsync.
func (a *agent) acknowledge(client *mqtt.BlockingClient, first mqtt.Message) {
	ranges := map[outbox.Epoch]*outbox.RangeSet{}
	for messages := []mqtt.Message{first}; len(messages) > 0; {
		acknowledgement, err := edgeevents.DecodeAcknowledgement(messages[0].Payload)
		if err != nil {
			a.t.Errorf("acknowledgement %s: %v", messages[0].Payload, err)
			return
		}
		if ranges[acknowledgement.Epoch] == nil {
			ranges[acknowledgement.Epoch] = &outbox.RangeSet{}
		}
		for _, within := range acknowledgement.Ranges {
			ranges[acknowledgement.Epoch].Add(within)
		}
		_ = client.Acknowledge(messages[0])
		messages = messages[1:]
		select {
		case message := <-client.Messages():
			messages = append(messages, message)
		default:
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for epoch, acknowledged := range ranges {
		if err := a.queue.Acknowledge(epoch, *acknowledged...); err != nil {
			a.t.Errorf("acknowledge %v: %v", acknowledged, err)
			return
		}
		for _, within := range *acknowledged {
			for sequence := within.First; sequence <= within.Last; sequence++ {
				key := outbox.Key{Node: a.node, Class: "telemetry", Epoch: epoch, Sequence: sequence}
				a.acknowledged[key] = true
				delete(a.inFlight, key)
			}
		}
	}
}

// snapshot returns what was acknowledged until now.
func (a *agent) snapshot() map[outbox.Key]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.acknowledged)
}

func (a *agent) isDone() bool { return a.queue.Metrics().Depth == 0 }
