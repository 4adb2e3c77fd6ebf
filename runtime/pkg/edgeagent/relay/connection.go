package relay

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// connection is a device.
type connection struct {
	listener *Listener
	conn     *mqtt.Conn
	client   string
	idle     time.Duration
	will     *packets.Packet
	// admitted is the memory that the packet takes that is being read.
	admitted int
	// receipts are the messages that wait for the disk, in the order in which they arrived.
	receipts chan receipt
}

// receipt is a message that waits for the disk.
type receipt struct {
	id      uint16
	qos     byte
	bytes   int
	pending *outbox.PendingAppend
	err     error
}

// errRefused ends a connection of MQTT 3.1.1, which has no other way to refuse a message.
var errRefused = errors.New("a message was refused")

// serve reads what a device sends, until it goes.
func (l *Listener) serve(ctx context.Context, accepted net.Conn) {
	c := &connection{listener: l, conn: mqtt.NewConn(accepted, mqtt.Version311, answerBuffer), receipts: make(chan receipt, receiveMaximum)}
	defer c.conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = accepted.Close() })
	defer stop()
	c.conn.MaxPacketBytes = l.MaxMessageBytes + packetOverhead
	defer l.release(c)
	if err := c.introduce(); err != nil {
		if ctx.Err() == nil {
			l.Logger.Info("a device was not connected", "address", c.conn.RemoteAddr().String(), "err", err.Error())
		}
		return
	}
	// What is kept of a packet is copied into the event.
	c.conn.Reuse = true
	c.conn.Admit = func(bytes int) error {
		bytes += messageOverhead
		err := l.budget.take(bytes)
		if err == nil {
			c.admitted = bytes
		}
		return err
	}
	var acknowledging sync.WaitGroup
	acknowledging.Go(func() { c.acknowledge(ctx) })
	err := c.read()
	if c.will != nil && ctx.Err() == nil {
		c.keep(c.will, 0)
	}
	close(c.receipts)
	acknowledging.Wait()
	if err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		l.Logger.Debug("a device was disconnected", "client", c.client, "err", err.Error())
	}
}

// introduce reads CONNECT and answers it.
func (c *connection) introduce() error {
	packet, err := c.conn.Read(introductionTimeout)
	if err != nil {
		return err
	}
	if packet.FixedHeader.Type != packets.Connect {
		return errors.New("the first packet must be CONNECT")
	}
	refuse := func(code311 byte, code packets.Code) error {
		answer := &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connack}, ReasonCode: code311}
		if c.conn.Version == mqtt.Version5 {
			answer.ReasonCode = code.Code
		}
		_ = c.conn.Send(answer)
		return code
	}
	if packet.ProtocolVersion == mqtt.Version5 {
		c.conn.Version = mqtt.Version5
	} else if packet.ProtocolVersion != mqtt.Version311 {
		return refuse(packets.Err3UnsupportedProtocolVersion.Code, packets.ErrUnsupportedProtocolVersion)
	}
	if code := packet.ConnectValidate(); code.Code != 0 {
		return refuse(packets.Err3ClientIdentifierNotValid.Code, code)
	}
	allowed, err := c.listener.Credentials.allows(string(packet.Connect.Username), packet.Connect.Password)
	if err != nil {
		c.listener.Logger.Error("the passwords of devices cannot be read", "err", err.Error())
		return refuse(packets.Err3ServerUnavailable.Code, packets.ErrServerUnavailable)
	}
	if !allowed {
		return refuse(packets.Err3NotAuthorized.Code, packets.ErrBadUsernameOrPassword)
	}
	c.client = packet.Connect.ClientIdentifier
	assigned := ""
	if c.client == "" {
		assigned = rand.Text()
		c.client = assigned
	}
	// As the protocol demands, one and a half times the keepalive of the device.
	c.idle = time.Duration(packet.Connect.Keepalive) * time.Second * 3 / 2
	if packet.Connect.WillFlag {
		c.will = &packets.Packet{
			TopicName: packet.Connect.WillTopic, Payload: packet.Connect.WillPayload,
			Properties: packets.Properties{ContentType: packet.Connect.WillProperties.ContentType},
		}
	}
	// Before the answer, so that the device's next connection comes later.
	c.listener.take(c)
	return c.conn.Send(c.welcome(assigned))
}

// welcome returns CONNACK. There is no session to continue: subscriptions are refused, and what was not acknowledged is not
// remembered.
func (c *connection) welcome(assigned string) *packets.Packet {
	return &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connack}, Properties: packets.Properties{
		ReceiveMaximum: receiveMaximum, MaximumQosFlag: true, MaximumQos: 1, RetainAvailableFlag: true,
		MaximumPacketSize: uint32(c.conn.MaxPacketBytes), AssignedClientID: assigned,
		SessionExpiryIntervalFlag: true, WildcardSubAvailableFlag: true, SubIDAvailableFlag: true, SharedSubAvailableFlag: true,
	}}
}

// read handles packets until the device goes. A device that says goodbye has no will.
func (c *connection) read() error {
	for {
		c.admitted = 0
		packet, err := c.conn.Read(c.idle)
		if err != nil {
			c.listener.budget.give(c.admitted)
		}
		if errors.Is(err, mqtt.ErrPacketTooLarge) {
			c.listener.refuse(c.client, "", outbox.ErrTooLarge)
			return c.disconnect(packets.ErrPacketTooLarge)
		}
		if err != nil {
			return err
		}
		if packet.FixedHeader.Type == packets.Publish {
			err = c.publish(packet)
		} else {
			c.listener.budget.give(c.admitted)
			err = c.control(packet)
		}
		if errors.Is(err, errGoodbye) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// errGoodbye ends a connection that the device has ended.
var errGoodbye = errors.New("the device disconnected")

// control answers a packet that is no message.
//
// It is not inlined, because a packet has almost 1 KiB: the stack of each connection would have room for all of these.
//
//go:noinline
func (c *connection) control(packet *packets.Packet) error {
	switch packet.FixedHeader.Type {
	case packets.Pingreq:
		return c.conn.Send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingresp}})
	case packets.Pubrel:
		return c.conn.Send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pubcomp}, PacketID: packet.PacketID})
	case packets.Subscribe:
		return c.refuseSubscription(packet)
	case packets.Unsubscribe:
		return c.conn.Send(&packets.Packet{
			FixedHeader: packets.FixedHeader{Type: packets.Unsuback}, PacketID: packet.PacketID,
			ReasonCodes: repeat(packets.CodeNoSubscriptionExisted.Code, len(packet.Filters)),
		})
	case packets.Disconnect:
		if packet.ReasonCode != packets.CodeDisconnectWillMessage.Code {
			c.will = nil
		}
		return errGoodbye
	}
	return c.disconnect(packets.ErrProtocolViolation)
}

func (c *connection) publish(packet *packets.Packet) error {
	code := packet.PublishValidate(0)
	if code.Code == 0 && packet.FixedHeader.Qos == 2 && c.conn.Version == mqtt.Version5 {
		code = packets.ErrQosNotSupported
	}
	if code.Code != 0 {
		c.listener.budget.give(c.admitted)
		return c.disconnect(code)
	}
	c.keep(packet, c.admitted)
	return nil
}

// keep begins to keep a message. Its acknowledgement waits behind those of earlier messages.
func (c *connection) keep(packet *packets.Packet, bytes int) {
	pending, err := c.listener.Keeper.Keep(packet.TopicName, packet.Payload, packet.Properties.ContentType)
	c.receipts <- receipt{id: packet.PacketID, qos: packet.FixedHeader.Qos, bytes: bytes, pending: pending, err: err}
}

// acknowledge waits for the disk and acknowledges messages, in their order. After a failure it only frees memory.
func (c *connection) acknowledge(ctx context.Context) {
	var failed error
	for each := range c.receipts {
		err := each.err
		if err == nil {
			_, err = each.pending.Wait(ctx)
		}
		c.listener.budget.give(each.bytes)
		if err == nil {
			c.listener.Counts.Kept.Add(1)
		} else if ctx.Err() == nil {
			c.listener.refuse(c.client, c.conn.RemoteAddr().String(), err)
		}
		if failed == nil {
			failed = c.answer(each, err)
			if failed == nil && len(c.receipts) == 0 {
				failed = c.conn.Flush()
			}
			if failed != nil {
				_ = c.conn.Close()
			}
		}
	}
}

// answer answers a message of QoS 1 or 2. MQTT 3.1.1 cannot refuse one, so the connection ends.
func (c *connection) answer(to receipt, err error) error {
	if to.qos == 0 {
		return nil
	}
	packet := &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Puback}, PacketID: to.id}
	if to.qos == 2 {
		packet.FixedHeader.Type = packets.Pubrec
	}
	if err != nil {
		if c.conn.Version != mqtt.Version5 {
			_ = c.conn.Flush()
			return errRefused
		}
		packet.ReasonCode = refusalOf(err).Code
	}
	return c.conn.Write(packet)
}

func (c *connection) refuseSubscription(packet *packets.Packet) error {
	return c.conn.Send(&packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Suback}, PacketID: packet.PacketID,
		ReasonCodes: repeat(packets.ErrUnspecifiedError.Code, len(packet.Filters)),
	})
}

func repeat(code byte, count int) []byte {
	codes := make([]byte, count)
	for index := range codes {
		codes[index] = code
	}
	return codes
}

// disconnect tells a device of MQTT 5 why its connection ends. It is not inlined, as control.
//
//go:noinline
func (c *connection) disconnect(reason packets.Code) error {
	if c.conn.Version == mqtt.Version5 {
		_ = c.conn.Send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Disconnect}, ReasonCode: reason.Code})
	}
	return reason
}

// takenOver ends the connection because another one has the same client identifier.
func (c *connection) takenOver() {
	_ = c.disconnect(packets.ErrSessionTakenOver)
	_ = c.conn.Close()
}

// refuse counts and logs a refused message.
func (l *Listener) refuse(client, address string, err error) {
	if reason := refusalOf(err).Name; l.Counts.refuse(reason) {
		l.Logger.Error("a device's message was refused", "reason", reason, "client", client, "address", address, "err", err.Error())
	}
}
