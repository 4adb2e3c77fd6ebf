package mqtt

import (
	"context"
	"errors"
	"sync"

	"github.com/mochi-mqtt/server/v2/packets"
)

const (
	defaultReceiveMaximum = 2000
	defaultMaxPayload     = 1 << 20
	// maxInFlight limits the messages that wait for PUBACK, also if the broker allows more.
	maxInFlight = 1000
)

// BlockingClient is a connection to a broker whose methods wait. They may be called from several goroutines.
type BlockingClient struct {
	client   *Client
	incoming chan Message
	// slots has an element for each message that is published and not acknowledged.
	slots chan struct{}

	mu sync.Mutex
	// waiting has a channel for the reason of each PUBACK that is awaited, by packet identifier.
	waiting map[uint16]chan byte
}

// Message is a message from the broker.
type Message struct {
	Topic   string
	Payload []byte
	// Retained tells that the broker kept the message and sent it because of a new subscription.
	Retained bool
	// Truncated tells that the payload exceeded MaxPayload and was cut off.
	Truncated bool
	qos       byte
	id        uint16
}

// Outgoing is a message to publish.
type Outgoing struct {
	Topic   string
	Payload []byte
	// Retain asks the broker to keep the message for later subscribers.
	Retain bool
	// ContentType is sent with MQTT 5.
	ContentType string
}

// ConnectBlocking connects to a broker as Connect does. ReceiveMaximum defaults to 2000 and MaxPayload to 1 MiB. OnPublish and
// OnAcknowledged are not used. With MQTT 3.1.1, where the broker decides how many messages it sends before their PUBACK, those
// that exceed four times ReceiveMaximum are neither delivered nor acknowledged.
func ConnectBlocking(ctx context.Context, options Options) (*BlockingClient, error) {
	if options.ReceiveMaximum == 0 {
		options.ReceiveMaximum = defaultReceiveMaximum
	}
	if options.MaxPayload == 0 {
		options.MaxPayload = defaultMaxPayload
	}
	b := &BlockingClient{incoming: make(chan Message, 4*int(options.ReceiveMaximum)), waiting: map[uint16]chan byte{}}
	options.OnPublish = func(_ *Client, packet *packets.Packet) { b.deliver(packet) }
	options.OnAcknowledged = b.acknowledged
	client, err := Connect(ctx, options)
	if err != nil {
		return nil, err
	}
	b.client, b.slots = client, make(chan struct{}, min(client.ReceiveMaximum, maxInFlight))
	return b, nil
}

// Done is closed when the connection has ended. Err tells why.
func (b *BlockingClient) Done() <-chan struct{} { return b.client.Done() }

// Err returns why the connection ended, or nil.
func (b *BlockingClient) Err() error { return b.client.Err() }

// Close ends the connection. Messages that were not acknowledged are not acknowledged any more.
func (b *BlockingClient) Close() { b.client.Close() }

// Subscribe subscribes to filters as Client.Subscribe does. A filter that the broker refuses is an error.
func (b *BlockingClient) Subscribe(ctx context.Context, filters ...string) error {
	refused, err := b.client.Subscribe(ctx, filters...)
	return errors.Join(append(refused, err)...)
}

// Receive returns the next message.
func (b *BlockingClient) Receive(ctx context.Context) (Message, error) {
	select {
	case message := <-b.incoming:
		return message, nil
	default:
	}
	select {
	case message := <-b.incoming:
		return message, nil
	case <-b.Done():
		return Message{}, b.Err()
	case <-ctx.Done():
		return Message{}, ctx.Err()
	}
}

// Messages returns the channel from which Receive reads. It is never closed.
func (b *BlockingClient) Messages() <-chan Message { return b.incoming }

func (b *BlockingClient) deliver(packet *packets.Packet) {
	message := Message{
		Topic: packet.TopicName, Payload: packet.Payload, Retained: packet.FixedHeader.Retain, Truncated: packet.Ignore,
		qos: packet.FixedHeader.Qos, id: packet.PacketID,
	}
	select {
	case b.incoming <- message:
	default:
		// Waiting would also delay PUBACK and PINGRESP.
	}
}

// Acknowledge sends PUBACK for messages, so that the broker need not send them again. Acknowledge them in the order in
// which they were received.
func (b *BlockingClient) Acknowledge(messages ...Message) error {
	for _, each := range messages {
		if each.qos == 0 {
			continue
		}
		if err := b.client.Acknowledge(each.id); err != nil {
			return err
		}
	}
	return b.client.Flush()
}

// Publish publishes a message with QoS 1 and waits for the broker's PUBACK.
func (b *BlockingClient) Publish(ctx context.Context, message Outgoing) error {
	answer, err := b.write(ctx, message)
	if err == nil {
		err = b.client.Flush()
	}
	if err != nil {
		return err
	}
	select {
	case reason := <-answer:
		if reason >= 0x80 {
			return &RefusedError{What: "a message on " + message.Topic, Reason: ReasonName(reason), Code: reason}
		}
		return nil
	case <-b.Done():
		return b.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Send publishes messages with QoS 1 without waiting for PUBACK. It waits only while the broker has as many messages to
// acknowledge as it allows.
func (b *BlockingClient) Send(ctx context.Context, messages ...Outgoing) error {
	for _, each := range messages {
		if _, err := b.write(ctx, each); err != nil {
			return err
		}
	}
	return b.client.Flush()
}

// write writes a message when a slot is free, and returns where the reason of its PUBACK arrives.
func (b *BlockingClient) write(ctx context.Context, message Outgoing) (<-chan byte, error) {
	select {
	case b.slots <- struct{}{}:
	default:
		// What is written must be on its way, or no slot becomes free.
		if err := b.client.Flush(); err != nil {
			return nil, err
		}
		select {
		case b.slots <- struct{}{}:
		case <-b.Done():
			return nil, b.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	id, answer := b.await()
	return answer, b.client.Publish(&packets.Packet{
		FixedHeader: packets.FixedHeader{Qos: 1, Retain: message.Retain}, TopicName: message.Topic, Payload: message.Payload,
		PacketID: id, Properties: packets.Properties{ContentType: message.ContentType},
	})
}

// await returns an unused packet identifier, and where the reason of its PUBACK arrives.
func (b *BlockingClient) await() (uint16, <-chan byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.client.NextID()
	for b.waiting[id] != nil {
		id = b.client.NextID()
	}
	answer := make(chan byte, 1)
	b.waiting[id] = answer
	return id, answer
}

// acknowledged frees the slot of a message. A PUBACK that is not awaited is ignored.
func (b *BlockingClient) acknowledged(id uint16, reason byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if answer := b.waiting[id]; answer != nil {
		answer <- reason
		delete(b.waiting, id)
		<-b.slots
	}
}
