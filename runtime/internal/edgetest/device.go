package edgetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// ErrNotAcknowledged means that a message was neither acknowledged nor refused.
var ErrNotAcknowledged = errors.New("the connection ended before the message was acknowledged")

// Device publishes to the agent's listener, and knows which messages were acknowledged.
type Device struct {
	Name string
	// Topic defaults to devices/<name>.
	Topic   string
	Version byte
	// TLS are the files of a connection with TLS. Empty means without TLS.
	TLS mqtt.TLSFiles

	client  *mqtt.Client
	number  int
	mu      sync.Mutex
	waiting map[uint16]chan byte

	promisedMu sync.Mutex
	promised   []string
}

// Connect connects to an address.
func (d *Device) Connect(ctx context.Context, address string) error {
	scheme := "mqtt://"
	if d.TLS != (mqtt.TLSFiles{}) {
		scheme = "mqtts://"
	}
	d.waiting = map[uint16]chan byte{}
	waiting := d.waiting
	var err error
	d.client, err = mqtt.Connect(ctx, mqtt.Options{
		Address: scheme + address, TLS: d.TLS, Version: d.Version, ClientID: d.Name, KeepAlive: 10 * time.Second,
		OnAcknowledged: func(id uint16, reason byte) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if answer := waiting[id]; answer != nil {
				answer <- reason
				delete(waiting, id)
			}
		},
	})
	return err
}

// Close ends the connection.
func (d *Device) Close() { d.client.Close() }

// Send publishes the next message of the device, and returns a function that waits for its acknowledgement: it returns the
// reason, or ErrNotAcknowledged.
func (d *Device) Send() (wait func() (byte, error)) {
	d.number++
	return d.SendText(fmt.Sprintf(`"%s %d"`, d.Name, d.number))
}

// SendText publishes a payload.
func (d *Device) SendText(text string) (wait func() (byte, error)) {
	client, id, answer := d.client, d.client.NextID(), make(chan byte, 1)
	d.mu.Lock()
	d.waiting[id] = answer
	d.mu.Unlock()
	topic := d.Topic
	if topic == "" {
		topic = "devices/" + d.Name
	}
	if client.Publish(&packets.Packet{FixedHeader: packets.FixedHeader{Qos: 1}, TopicName: topic, PacketID: id, Payload: []byte(text)}) == nil {
		_ = client.Flush()
	}
	return func() (byte, error) {
		var reason byte
		select {
		case reason = <-answer:
		case <-client.Done():
			// The answer may have come just before.
			select {
			case reason = <-answer:
			default:
				return 0, ErrNotAcknowledged
			}
		}
		if reason < 0x80 {
			d.promisedMu.Lock()
			d.promised = append(d.promised, text)
			d.promisedMu.Unlock()
		}
		return reason, nil
	}
}

// Flood publishes until the connection ends, with a number of messages in flight.
func (d *Device) Flood(inFlight int) { d.Publish(context.Background(), inFlight, 0) }

// Publish publishes until the connection or the context ends, with a number of messages in flight at most, and a pause after
// each. It returns when each message is acknowledged, or the connection has ended.
func (d *Device) Publish(ctx context.Context, inFlight int, pause time.Duration) {
	waits := make(chan func() (byte, error), inFlight)
	var all sync.WaitGroup
	all.Go(func() {
		for wait := range waits {
			_, _ = wait()
		}
	})
	defer all.Wait()
	defer close(waits)
	for {
		select {
		case <-d.client.Done():
			return
		case <-ctx.Done():
			return
		case waits <- d.Send():
		}
		time.Sleep(pause)
	}
}

// Promised returns the payloads that were acknowledged.
func (d *Device) Promised() []string {
	d.promisedMu.Lock()
	defer d.promisedMu.Unlock()
	return append([]string(nil), d.promised...)
}
