package mqttclient

import (
	"context"
	"fmt"

	"github.com/mochi-mqtt/server/v2/packets"
)

// Outgoing is a message to publish.
type Outgoing struct {
	Topic   string
	Payload []byte
	// Retain asks the broker to keep the message for later subscribers.
	Retain bool
	// ContentType is sent with MQTT 5.
	ContentType string
}

// Publish publishes a message with QoS 1 and waits for the broker's PUBACK.
func (c *Client) Publish(ctx context.Context, message Outgoing) error {
	waiting, err := c.send(ctx, message, true)
	if err != nil {
		return err
	}
	select {
	case answer := <-waiting:
		if answer.err != nil {
			return answer.err
		}
		if code := answer.codes[0]; code >= 0x80 {
			return fmt.Errorf("mqtt: the broker refused a message on %s: %s", message.Topic, c.reason(code, false))
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Send publishes messages with QoS 1 without waiting for PUBACK. It waits only while the broker has as many messages to
// acknowledge as it allows.
func (c *Client) Send(ctx context.Context, messages ...Outgoing) error {
	for _, each := range messages {
		if _, err := c.send(ctx, each, false); err != nil {
			return err
		}
	}
	return c.flush()
}

func (c *Client) send(ctx context.Context, message Outgoing, flush bool) (<-chan response, error) {
	select {
	case c.slots <- struct{}{}:
	default:
		if err := c.flush(); err != nil {
			return nil, err
		}
		select {
		case c.slots <- struct{}{}:
		case <-c.done:
			return nil, c.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	packet := packets.Packet{
		ProtocolVersion: byte(c.options.Version), TopicName: message.Topic, Payload: message.Payload,
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: 1, Retain: message.Retain},
	}
	if c.options.Version == V5 {
		packet.Properties.ContentType = message.ContentType
	}
	return c.request(&packet, flush)
}

// request writes a packet with a new packet id and returns where the response arrives.
func (c *Client) request(packet *packets.Packet, flush bool) (<-chan response, error) {
	waiting := make(chan response, 1)
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return nil, c.err
	}
	for taken := true; taken; _, taken = c.waiting[c.lastID] {
		if c.lastID++; c.lastID == 0 {
			c.lastID = 1
		}
	}
	packet.PacketID = c.lastID
	c.waiting[packet.PacketID] = waiting
	c.mu.Unlock()
	return waiting, c.write(packet, flush)
}

// respond passes a response to the request that waits for it.
func (c *Client) respond(id uint16, answer response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting, found := c.waiting[id]; found {
		waiting <- answer
		delete(c.waiting, id)
	}
}
