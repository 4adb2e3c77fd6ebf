package mqtt

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// ErrSilent means that the other side did not answer within the keepalive: the link is down or half-open.
var ErrSilent = errors.New("mqtt: no answer within the keepalive")

// RefusedError means that the broker refused a connection or a subscription.
type RefusedError struct {
	What   string
	Reason string
	Code   byte
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("mqtt: the broker refused %s: %s (0x%02x)", e.What, e.Reason, e.Code)
}

// Client is a connection to a broker.
type Client struct {
	options Options
	conn    *Conn
	// ReceiveMaximum limits how many messages may wait for their PUBACK.
	ReceiveMaximum int
	// MaxPacketBytes limits the packets that the broker accepts. 0 is no limit.
	MaxPacketBytes int
	// SessionPresent tells that the broker continues an earlier session.
	SessionPresent bool

	received, sent, handling atomic.Bool
	ids                      atomic.Uint32
	mu                       sync.Mutex
	subscriptions            map[uint16]chan []byte
	done, readDone           chan struct{}
	closing                  sync.Once
	err                      error
}

// Connect connects to a broker. It reads certificates and password each time, so that renewed ones take effect. The context
// limits connecting only.
func Connect(ctx context.Context, options Options) (*Client, error) {
	options = options.withDefaults()
	client, err := connect(ctx, options)
	if err != nil {
		// The alert of a broker does not tell that this side's certificate has expired. With TLS 1.3, it comes after dialing.
		return nil, errors.Join(err, options.TLS.checkValidity())
	}
	return client, nil
}

func connect(ctx context.Context, options Options) (*Client, error) {
	password, err := options.password()
	if err != nil {
		return nil, err
	}
	connection, err := dial(ctx, options.Address, options.TLS)
	if err != nil {
		return nil, err
	}
	client := &Client{
		options: options, conn: NewConn(connection, options.Version, bufferSize), ReceiveMaximum: 65535,
		subscriptions: map[uint16]chan []byte{}, done: make(chan struct{}), readDone: make(chan struct{}),
	}
	client.conn.WriteTimeout, client.conn.MaxPayload = options.KeepAlive, options.MaxPayload
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	err = client.introduce(password)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	go client.read()
	go client.keepAlive()
	return client, nil
}

// introduce sends CONNECT and reads CONNACK.
func (c *Client) introduce(password []byte) error {
	options := c.options
	connect := &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connect}, Connect: packets.ConnectParams{
		ProtocolName: []byte("MQTT"), ClientIdentifier: options.ClientID, Clean: options.SessionExpiry == 0,
		Keepalive: uint16(max(1, options.KeepAlive/time.Second)),
		Username:  []byte(options.Username), UsernameFlag: options.Username != "",
		Password: password, PasswordFlag: len(password) > 0,
	}}
	connect.Properties.ReceiveMaximum = options.ReceiveMaximum
	if options.MaxPayload == 0 {
		connect.Properties.MaximumPacketSize = uint32(c.conn.MaxPacketBytes)
	}
	if options.SessionExpiry > 0 {
		connect.Properties.SessionExpiryInterval = uint32(options.SessionExpiry / time.Second)
		connect.Properties.SessionExpiryIntervalFlag = true
	}
	if err := c.conn.Send(connect); err != nil {
		return err
	}
	answer, err := c.conn.Read(options.KeepAlive)
	if err != nil {
		return err
	}
	if answer.FixedHeader.Type != packets.Connack {
		return fmt.Errorf("mqtt: the broker answered CONNECT with %s", packets.PacketNames[answer.FixedHeader.Type])
	}
	if answer.ReasonCode != 0 {
		return &RefusedError{What: "the connection", Reason: connectReason(options.Version, answer), Code: answer.ReasonCode}
	}
	c.SessionPresent = answer.SessionPresent
	if answer.Properties.ReceiveMaximum > 0 {
		c.ReceiveMaximum = int(answer.Properties.ReceiveMaximum)
	}
	c.MaxPacketBytes = int(answer.Properties.MaximumPacketSize)
	if answer.Properties.ServerKeepAliveFlag && answer.Properties.ServerKeepAlive > 0 {
		c.options.KeepAlive = min(c.options.KeepAlive, time.Duration(answer.Properties.ServerKeepAlive)*time.Second)
	}
	return nil
}

// Done is closed when the connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the connection has ended, or nil.
func (c *Client) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Close says goodbye, closes the connection and waits until no callback runs. Callbacks must not call it.
func (c *Client) Close() {
	select {
	case <-c.done:
	default:
		c.conn.sendLast(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Disconnect}})
	}
	c.end(net.ErrClosed)
	<-c.readDone
}

// RemoteAddr returns the address of the broker.
func (c *Client) RemoteAddr() string { return c.conn.RemoteAddr().String() }

func (c *Client) end(err error) {
	c.closing.Do(func() {
		c.err = err
		_ = c.conn.Close()
		close(c.done)
	})
}

// NextID returns a packet identifier. The caller limits how many are in use: identifiers repeat after 65535.
func (c *Client) NextID() uint16 {
	for {
		if id := uint16(c.ids.Add(1)); id != 0 {
			return id
		}
	}
}

// Publish writes a message. Flush sends it.
func (c *Client) Publish(message *packets.Packet) error {
	message.FixedHeader.Type = packets.Publish
	return c.write(message)
}

// Flush sends what was written.
func (c *Client) Flush() error {
	if err := c.conn.Flush(); err != nil {
		c.end(err)
		return err
	}
	return nil
}

// Acknowledge writes PUBACK for a message of QoS 1. Flush sends it.
func (c *Client) Acknowledge(id uint16) error {
	return c.write(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Puback}, PacketID: id})
}

func (c *Client) write(packet *packets.Packet) error {
	c.sent.Store(true)
	if err := c.conn.Write(packet); err != nil {
		c.end(err)
		return err
	}
	return nil
}

// Subscribe subscribes to filters with QoS 1, and returns one error for each filter that the broker refused. With MQTT 5,
// the broker does not return what this client publishes, except to shared subscriptions.
func (c *Client) Subscribe(ctx context.Context, filters ...string) ([]error, error) {
	packet := &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Subscribe, Qos: 1}, PacketID: c.NextID()}
	for _, filter := range filters {
		packet.Filters = append(packet.Filters, packets.Subscription{
			Filter: filter, Qos: 1, NoLocal: !strings.HasPrefix(filter, "$share/"),
		})
	}
	answer := make(chan []byte, 1)
	c.mu.Lock()
	c.subscriptions[packet.PacketID] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.subscriptions, packet.PacketID)
		c.mu.Unlock()
	}()
	if err := c.write(packet); err != nil {
		return nil, err
	}
	if err := c.Flush(); err != nil {
		return nil, err
	}
	select {
	case codes := <-answer:
		if len(codes) != len(filters) {
			return nil, fmt.Errorf("mqtt: the broker answered %d of %d subscriptions", len(codes), len(filters))
		}
		refused := make([]error, len(filters))
		for index, code := range codes {
			if code >= 0x80 {
				refused[index] = &RefusedError{What: "the subscription to " + filters[index], Reason: ReasonName(code), Code: code}
			}
		}
		return refused, nil
	case <-c.done:
		return nil, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Client) read() {
	defer close(c.readDone)
	for {
		packet, err := c.conn.Read(0)
		if err != nil {
			c.end(err)
			return
		}
		c.received.Store(true)
		switch packet.FixedHeader.Type {
		case packets.Publish:
			if c.options.OnPublish != nil {
				c.handling.Store(true)
				c.options.OnPublish(c, packet)
				c.handling.Store(false)
			}
		case packets.Puback:
			if c.options.OnAcknowledged != nil {
				c.options.OnAcknowledged(packet.PacketID, packet.ReasonCode)
			}
		case packets.Suback:
			c.mu.Lock()
			answer := c.subscriptions[packet.PacketID]
			c.mu.Unlock()
			if answer != nil {
				select {
				case answer <- packet.ReasonCodes:
				default:
				}
			}
		case packets.Pingresp:
		case packets.Disconnect:
			c.end(&RefusedError{What: "to continue", Reason: ReasonName(packet.ReasonCode), Code: packet.ReasonCode})
			return
		default:
			c.end(fmt.Errorf("mqtt: unexpected %s", packets.PacketNames[packet.FixedHeader.Type]))
			return
		}
	}
}
