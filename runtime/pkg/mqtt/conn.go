package mqtt

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// Versions of the protocol, as they stand in CONNECT.
const (
	Version311 byte = 4
	Version5   byte = 5
)

const (
	bufferSize = 4 << 10
	// packetTimeout is how long the rest of a packet may take to arrive, once it has begun.
	packetTimeout = 30 * time.Second
	// maxTopicAndProperties is the size of what comes before a payload that is cut off: up to 64 KiB each.
	maxTopicAndProperties = 128 << 10
	// maxKeptBuffer is the size of a buffer for encoding that is kept for the next packet.
	maxKeptBuffer = 16 << 10
)

// ErrPacketTooLarge means that the other side sent a packet that exceeds the maximum.
var ErrPacketTooLarge = errors.New("mqtt: packet too large")

// Conn reads and writes packets. One goroutine may read while others write.
type Conn struct {
	// Version is the version of the protocol. A listener sets it when it has read CONNECT.
	Version byte
	// MaxPacketBytes limits the packets that are read.
	MaxPacketBytes int
	// MaxPayload cuts off payloads that exceed it, and marks their packets with Ignore, instead of limiting packets. Optional.
	MaxPayload int
	// WriteTimeout limits each write.
	WriteTimeout time.Duration
	// Admit is called for each packet with its size, and may wait until there is memory. It is called before the body of a
	// large packet is read; a small one is read first, so that one whose rest does not arrive takes no memory from others.
	// Optional.
	Admit func(bytes int) error

	// Reuse lets each packet be valid only until the next one is read, which saves memory.
	Reuse bool

	net    net.Conn
	reader *bufio.Reader
	packet packets.Packet

	mu      sync.Mutex
	writer  *bufio.Writer
	encoded bytes.Buffer
}

// NewConn returns a Conn that uses a connection. What it writes is collected in a buffer of some bytes.
func NewConn(connection net.Conn, version byte, writeBuffer int) *Conn {
	return &Conn{
		Version: version, MaxPacketBytes: 1<<20 + 64<<10, WriteTimeout: 30 * time.Second, net: connection,
		reader: bufio.NewReaderSize(connection, bufferSize), writer: bufio.NewWriterSize(connection, writeBuffer),
	}
}

// Close closes the connection. Read and Write return an error then.
func (c *Conn) Close() error { return c.net.Close() }

// RemoteAddr returns the address of the other side.
func (c *Conn) RemoteAddr() net.Addr { return c.net.RemoteAddr() }

// Read reads a packet. It waits for its beginning for the given time; 0 waits without limit.
func (c *Conn) Read(idle time.Duration) (*packets.Packet, error) {
	if c.reader.Buffered() == 0 {
		deadline := time.Time{}
		if idle > 0 {
			deadline = time.Now().Add(idle)
		}
		if err := c.net.SetReadDeadline(deadline); err != nil {
			return nil, err
		}
	}
	first, err := c.reader.ReadByte()
	if err != nil {
		return nil, err
	}
	if err := c.net.SetReadDeadline(time.Now().Add(packetTimeout)); err != nil {
		return nil, err
	}
	packet := &c.packet
	if !c.Reuse {
		packet = new(packets.Packet)
	}
	*packet = packets.Packet{ProtocolVersion: c.Version}
	if err := packet.FixedHeader.Decode(first); err != nil {
		return nil, err
	}
	packet.FixedHeader.Remaining, _, err = packets.DecodeLength(c.reader)
	if err != nil {
		return nil, err
	}
	size := packet.FixedHeader.Remaining
	if c.MaxPayload > 0 {
		size = min(size, c.MaxPayload+maxTopicAndProperties)
	} else if size > c.MaxPacketBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrPacketTooLarge, size)
	}
	isLarge := size > bufferSize
	if err := c.admit(packet, isLarge); err != nil {
		return nil, err
	}
	body, err := c.readBody(size)
	if err != nil {
		return nil, err
	}
	if _, err := c.reader.Discard(packet.FixedHeader.Remaining - size); err != nil {
		return nil, err
	}
	if err := c.admit(packet, !isLarge); err != nil {
		return nil, err
	}
	if err := decode(packet, body); err != nil {
		return nil, err
	}
	if c.MaxPayload > 0 && len(packet.Payload) > c.MaxPayload {
		packet.Payload, packet.Ignore = packet.Payload[:c.MaxPayload], true
	}
	return packet, nil
}

// readBody reads the body of a packet. A small one that is valid only until the next read stays in the buffer of the reader.
func (c *Conn) readBody(size int) ([]byte, error) {
	if c.Reuse && size <= bufferSize {
		body, err := c.reader.Peek(size)
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		_, err = c.reader.Discard(size)
		return body, err
	}
	body := make([]byte, size)
	_, err := io.ReadFull(c.reader, body)
	return body, err
}

func (c *Conn) admit(packet *packets.Packet, now bool) error {
	if c.Admit == nil || !now {
		return nil
	}
	return c.Admit(packet.FixedHeader.Remaining)
}

// Write writes a packet. It stays in a buffer until Flush, or until the buffer is full.
func (c *Conn) Write(packet *packets.Packet) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	// The codec needs to know.
	packet.ProtocolVersion = c.Version
	// Otherwise the codec leaves out response topics and correlation data.
	packet.Mods.AllowResponseInfo = true
	c.encoded.Reset()
	if c.encoded.Cap() > maxKeptBuffer {
		c.encoded = bytes.Buffer{}
	}
	if err := encode(packet, &c.encoded); err != nil {
		return err
	}
	if err := c.net.SetWriteDeadline(time.Now().Add(c.WriteTimeout)); err != nil {
		return err
	}
	_, err := c.writer.Write(c.encoded.Bytes())
	return err
}

// Flush sends what Write has buffered.
func (c *Conn) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writer.Buffered() == 0 {
		return nil
	}
	if err := c.net.SetWriteDeadline(time.Now().Add(c.WriteTimeout)); err != nil {
		return err
	}
	return c.writer.Flush()
}

// Send writes a packet and flushes it.
func (c *Conn) Send(packet *packets.Packet) error {
	if err := c.Write(packet); err != nil {
		return err
	}
	return c.Flush()
}

// lastTimeout limits the write of a last packet, which nothing depends on.
const lastTimeout = time.Second

// sendLast sends a last packet, unless another write is in progress: it may be waiting for a dead link.
func (c *Conn) sendLast(packet *packets.Packet) {
	if !c.mu.TryLock() {
		return
	}
	c.WriteTimeout = min(c.WriteTimeout, lastTimeout)
	c.mu.Unlock()
	_ = c.Send(packet)
}

func encode(packet *packets.Packet, to *bytes.Buffer) error {
	switch packet.FixedHeader.Type {
	case packets.Connect:
		return packet.ConnectEncode(to)
	case packets.Connack:
		return packet.ConnackEncode(to)
	case packets.Publish:
		return packet.PublishEncode(to)
	case packets.Puback:
		return packet.PubackEncode(to)
	case packets.Pubrec:
		return packet.PubrecEncode(to)
	case packets.Pubrel:
		return packet.PubrelEncode(to)
	case packets.Pubcomp:
		return packet.PubcompEncode(to)
	case packets.Subscribe:
		return packet.SubscribeEncode(to)
	case packets.Suback:
		return packet.SubackEncode(to)
	case packets.Unsuback:
		return packet.UnsubackEncode(to)
	case packets.Pingreq:
		return packet.PingreqEncode(to)
	case packets.Pingresp:
		return packet.PingrespEncode(to)
	case packets.Disconnect:
		return packet.DisconnectEncode(to)
	}
	return packets.ErrNoValidPacketAvailable
}

func decode(packet *packets.Packet, body []byte) error {
	switch packet.FixedHeader.Type {
	case packets.Connect:
		return packet.ConnectDecode(body)
	case packets.Connack:
		return packet.ConnackDecode(body)
	case packets.Publish:
		return packet.PublishDecode(body)
	case packets.Puback:
		return packet.PubackDecode(body)
	case packets.Pubrec:
		return packet.PubrecDecode(body)
	case packets.Pubrel:
		return packet.PubrelDecode(body)
	case packets.Pubcomp:
		return packet.PubcompDecode(body)
	case packets.Subscribe:
		return packet.SubscribeDecode(body)
	case packets.Suback:
		return packet.SubackDecode(body)
	case packets.Unsubscribe:
		return packet.UnsubscribeDecode(body)
	case packets.Unsuback:
		return packet.UnsubackDecode(body)
	case packets.Pingreq:
		return packet.PingreqDecode(body)
	case packets.Pingresp:
		return packet.PingrespDecode(body)
	case packets.Disconnect:
		return packet.DisconnectDecode(body)
	}
	return packets.ErrNoValidPacketAvailable
}
