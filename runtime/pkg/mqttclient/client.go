package mqttclient

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// ErrClosed means that Close ended the connection.
var ErrClosed = errors.New("mqtt: the connection is closed")

// Client is one connection to a broker. Its methods may be called from several goroutines.
type Client struct {
	options    Options
	connection net.Conn
	reader     *bufio.Reader
	incoming   chan Message

	writing sync.Mutex
	writer  *bufio.Writer

	// slots has an element for each message that is published and not acknowledged.
	slots chan struct{}

	mu sync.Mutex
	// waiting are the requests without a response, by packet id.
	waiting map[uint16]chan response
	lastID  uint16
	err     error
	done    chan struct{}
}

// response is what the broker answered to a PUBLISH or SUBSCRIBE.
type response struct {
	codes []byte
	err   error
}

// Dial connects to a broker. The context limits connecting only.
func Dial(ctx context.Context, options Options) (*Client, error) {
	options = options.withDefaults()
	hostPort, secure, err := ParseAddress(options.Address)
	if err != nil {
		return nil, fmt.Errorf("mqtt: address %w", err)
	}
	connection, err := dial(ctx, hostPort, secure, options.TLS)
	if err != nil {
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	c := &Client{
		options: options, connection: connection,
		incoming: make(chan Message, 4*int(options.ReceiveMaximum)), waiting: map[uint16]chan response{}, done: make(chan struct{}),
	}
	c.reader, c.writer = newBuffers(connection)
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	err = c.connect()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = connection.Close()
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	go c.read()
	go c.ping()
	return c, nil
}

func newBuffers(connection net.Conn) (*bufio.Reader, *bufio.Writer) {
	return bufio.NewReaderSize(connection, 4<<10), bufio.NewWriterSize(connection, 4<<10)
}

func dial(ctx context.Context, hostPort string, secure bool, config *tls.Config) (net.Conn, error) {
	if secure {
		return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", hostPort)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", hostPort)
}

// connect sends CONNECT and reads CONNACK.
func (c *Client) connect() error {
	request := packets.Packet{
		ProtocolVersion: byte(c.options.Version), FixedHeader: packets.FixedHeader{Type: packets.Connect},
		Connect: packets.ConnectParams{
			ProtocolName: []byte("MQTT"), Clean: true, ClientIdentifier: c.options.ClientID, Keepalive: uint16(c.options.KeepAlive / time.Second),
			UsernameFlag: c.options.Username != "", Username: []byte(c.options.Username),
			PasswordFlag: c.options.Password != "", Password: []byte(c.options.Password),
		},
	}
	if c.options.Version == V5 {
		request.Properties.ReceiveMaximum = c.options.ReceiveMaximum
	}
	if err := c.write(&request, true); err != nil {
		return err
	}
	answer, err := c.readPacket()
	if err != nil {
		return err
	}
	if answer.FixedHeader.Type != packets.Connack {
		return fmt.Errorf("the broker answered CONNECT with %s", packets.PacketNames[answer.FixedHeader.Type])
	}
	if answer.ReasonCode != 0 {
		return fmt.Errorf("the broker refused the connection: %s", c.reason(answer.ReasonCode, true))
	}
	c.slots = make(chan struct{}, publishMaximum(c.options.Version, answer.Properties.ReceiveMaximum))
	if answer.Properties.ServerKeepAliveFlag {
		c.options.KeepAlive = time.Duration(answer.Properties.ServerKeepAlive) * time.Second
	}
	return nil
}

// publishMaximum returns how many messages may be published and not acknowledged.
func publishMaximum(version Version, receiveMaximum uint16) int {
	if version == V5 && receiveMaximum > 0 {
		return min(int(receiveMaximum), 1000)
	}
	return 1000
}

// ping keeps the connection alive.
func (c *Client) ping() {
	if c.options.KeepAlive == 0 {
		return
	}
	ticker := time.NewTicker(c.options.KeepAlive / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if c.write(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}}, true) != nil {
				return
			}
		case <-c.done:
			return
		}
	}
}

// Done is closed when the connection has ended. Err tells why.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the connection ended, or nil.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection. Messages that were not acknowledged are not acknowledged any more.
func (c *Client) Close() {
	_ = c.write(&packets.Packet{ProtocolVersion: byte(c.options.Version), FixedHeader: packets.FixedHeader{Type: packets.Disconnect}}, true)
	c.end(ErrClosed)
}

// end ends the connection for a reason. Only the first one counts.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	close(c.done)
	_ = c.connection.Close()
	for id, waiting := range c.waiting {
		waiting <- response{err: err}
		delete(c.waiting, id)
	}
}

// write writes a packet.
func (c *Client) write(packet *packets.Packet, flush bool) error {
	var encoded bytes.Buffer
	var err error
	switch packet.FixedHeader.Type {
	case packets.Connect:
		err = packet.ConnectEncode(&encoded)
	case packets.Publish:
		err = packet.PublishEncode(&encoded)
	case packets.Puback:
		err = packet.PubackEncode(&encoded)
	case packets.Subscribe:
		err = packet.SubscribeEncode(&encoded)
	case packets.Pingreq:
		err = packet.PingreqEncode(&encoded)
	case packets.Disconnect:
		err = packet.DisconnectEncode(&encoded)
	}
	if err != nil {
		return fmt.Errorf("mqtt: %w", err)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.connection.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err = c.writer.Write(encoded.Bytes())
	if err == nil && flush {
		err = c.writer.Flush()
	}
	if err != nil {
		err = fmt.Errorf("mqtt: %w", err)
		c.end(err)
	}
	return err
}

// writeTimeout is how long a broker may refuse to read.
const writeTimeout = 30 * time.Second

func (c *Client) flush() error {
	c.writing.Lock()
	err := c.writer.Flush()
	c.writing.Unlock()
	if err != nil {
		err = fmt.Errorf("mqtt: %w", err)
		c.end(err)
	}
	return err
}
