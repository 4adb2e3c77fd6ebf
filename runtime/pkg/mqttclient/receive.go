package mqttclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

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

// Receive returns the next message.
func (c *Client) Receive(ctx context.Context) (Message, error) {
	select {
	case message := <-c.incoming:
		return message, nil
	default:
	}
	select {
	case message := <-c.incoming:
		return message, nil
	case <-c.done:
		return Message{}, c.Err()
	case <-ctx.Done():
		return Message{}, ctx.Err()
	}
}

// Messages returns the channel from which Receive reads. It is never closed.
func (c *Client) Messages() <-chan Message { return c.incoming }

// Acknowledge sends PUBACK for messages, so that the broker need not send them again. Acknowledge them in the order in
// which they were received.
func (c *Client) Acknowledge(messages ...Message) error {
	for _, each := range messages {
		if each.qos == 0 {
			continue
		}
		packet := packets.Packet{
			ProtocolVersion: byte(c.options.Version), FixedHeader: packets.FixedHeader{Type: packets.Puback}, PacketID: each.id,
		}
		if err := c.write(&packet, false); err != nil {
			return err
		}
	}
	return c.flush()
}

// Subscribe subscribes to filters with QoS 1.
func (c *Client) Subscribe(ctx context.Context, filters ...string) error {
	packet := packets.Packet{
		ProtocolVersion: byte(c.options.Version), FixedHeader: packets.FixedHeader{Type: packets.Subscribe, Qos: 1},
	}
	for _, each := range filters {
		packet.Filters = append(packet.Filters, packets.Subscription{Filter: each, Qos: 1})
	}
	waiting, err := c.request(&packet, true)
	if err != nil {
		return err
	}
	select {
	case answer := <-waiting:
		if answer.err != nil {
			return answer.err
		}
		for index, code := range answer.codes {
			if code >= 0x80 && index < len(filters) {
				return fmt.Errorf("mqtt: the broker refused to subscribe to %s: %s", filters[index], c.reason(code, false))
			}
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read reads packets until the connection ends. It never waits for anything but the broker.
func (c *Client) read() {
	for {
		packet, err := c.readPacket()
		if err == nil {
			err = c.handle(packet)
		}
		if err != nil {
			c.end(fmt.Errorf("mqtt: %w", err))
			return
		}
	}
}

func (c *Client) handle(packet packets.Packet) error {
	switch packet.FixedHeader.Type {
	case packets.Publish:
		message := Message{
			Topic: packet.TopicName, Payload: packet.Payload, Retained: packet.FixedHeader.Retain, Truncated: packet.Ignore,
			qos: packet.FixedHeader.Qos, id: packet.PacketID,
		}
		select {
		case c.incoming <- message:
		default:
			// There are four times as many as the broker was asked for. This one is not acknowledged.
		}
	case packets.Puback:
		c.respond(packet.PacketID, response{codes: []byte{packet.ReasonCode}})
		select {
		case <-c.slots:
		default:
			return errors.New("the broker acknowledged more messages than were published")
		}
	case packets.Suback:
		c.respond(packet.PacketID, response{codes: packet.ReasonCodes})
	case packets.Pingresp:
	case packets.Disconnect:
		return fmt.Errorf("the broker ended the connection: %s", c.reason(packet.ReasonCode, false))
	default:
		return fmt.Errorf("unexpected %s from the broker", packets.PacketNames[packet.FixedHeader.Type])
	}
	return nil
}

// readPacket reads one packet. Of a PUBLISH that is too large it reads the beginning, and sets Ignore.
func (c *Client) readPacket() (packets.Packet, error) {
	deadline := time.Time{}
	if c.options.KeepAlive > 0 {
		deadline = time.Now().Add(c.options.KeepAlive * 3 / 2)
	}
	_ = c.connection.SetReadDeadline(deadline)
	packet := packets.Packet{ProtocolVersion: byte(c.options.Version)}
	first, err := c.reader.ReadByte()
	if err != nil {
		return packet, err
	}
	if err := packet.FixedHeader.Decode(first); err != nil {
		return packet, err
	}
	if packet.FixedHeader.Remaining, _, err = packets.DecodeLength(c.reader); err != nil {
		return packet, err
	}
	// A topic and properties have up to 64 KiB each.
	size := min(packet.FixedHeader.Remaining, c.options.MaxPayload+128<<10)
	body := bytes.NewBuffer(make([]byte, 0, min(size, 64<<10)))
	if _, err := io.CopyN(body, c.reader, int64(size)); err != nil {
		return packet, err
	}
	if rest := packet.FixedHeader.Remaining - size; rest > 0 {
		if _, err := io.CopyN(io.Discard, c.reader, int64(rest)); err != nil {
			return packet, err
		}
	}
	if err := decodeBody(&packet, body.Bytes()); err != nil {
		return packet, err
	}
	if len(packet.Payload) > c.options.MaxPayload {
		packet.Payload, packet.Ignore = packet.Payload[:c.options.MaxPayload], true
	}
	return packet, nil
}

func decodeBody(packet *packets.Packet, body []byte) error {
	switch packet.FixedHeader.Type {
	case packets.Connack:
		return packet.ConnackDecode(body)
	case packets.Publish:
		return packet.PublishDecode(body)
	case packets.Puback:
		return packet.PubackDecode(body)
	case packets.Suback:
		return packet.SubackDecode(body)
	case packets.Disconnect:
		return packet.DisconnectDecode(body)
	}
	return nil
}
