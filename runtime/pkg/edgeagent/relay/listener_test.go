package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// served is a listener in this process.
type served struct {
	t        *testing.T
	listener *Listener
	address  string
	queue    *outbox.Queue
}

func serve(t *testing.T, files outbox.FS, change func(*Listener)) *served {
	t.Helper()
	box, err := outbox.Open(outbox.Options{Dir: t.TempDir(), Node: "gateway-3", FS: files, Classes: []outbox.Class{
		{Name: "telemetry", MaxBytes: 8 << 20, MaxMessageBytes: 4 << 10, WhenFull: outbox.Refuse},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, queue: box.Queue("telemetry"), listener: &Listener{
		Keeper:         &Keeper{Routes: []Route{{"devices/#", "telemetry"}}, Queue: box.Queue},
		MaxConnections: 10, MaxMessageBytes: 4 << 10, Counts: &Counts{}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}}
	if change != nil {
		change(s.listener)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = tcp.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.listener.Serve(ctx, tcp)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = box.Close()
	})
	return s
}

// payloads returns what is kept.
func (s *served) payloads() (texts []string) {
	reader := s.queue.Reader(0)
	for {
		message, err := reader.Next()
		if err != nil {
			return texts
		}
		texts = append(texts, string(message.Payload))
	}
}

// peer is a device that sends single packets.
type peer struct {
	*mqtt.Conn
	t *testing.T
}

func (s *served) connect(version byte, change func(*packets.Packet)) (*peer, *packets.Packet) {
	s.t.Helper()
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = connection.Close() })
	p := &peer{mqtt.NewConn(connection, version, 4096), s.t}
	connect := &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connect}, Connect: packets.ConnectParams{
		ProtocolName: []byte("MQTT"), ClientIdentifier: "device", Clean: true, Keepalive: 60,
	}}
	if change != nil {
		change(connect)
	}
	p.send(connect)
	answer, err := p.Read(5 * time.Second)
	if err != nil {
		s.t.Fatal(err)
	}
	return p, answer
}

func (p *peer) send(packet *packets.Packet) {
	p.t.Helper()
	if err := p.Send(packet); err != nil {
		p.t.Fatal(err)
	}
}

func publish(id uint16, qos byte, topic, payload string) *packets.Packet {
	return &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: qos}, PacketID: id, TopicName: topic, Payload: []byte(payload)}
}

// expect reads a packet of a type and a reason.
func (p *peer) expect(kind, reason byte) *packets.Packet {
	p.t.Helper()
	packet, err := p.Read(5 * time.Second)
	if err != nil {
		p.t.Fatalf("want %s, got %v", packets.PacketNames[kind], err)
	}
	if packet.FixedHeader.Type != kind || packet.ReasonCode != reason {
		p.t.Fatalf("want %s 0x%02x, got %s 0x%02x", packets.PacketNames[kind], reason, packets.PacketNames[packet.FixedHeader.Type], packet.ReasonCode)
	}
	return packet
}

func (p *peer) expectClosed() {
	p.t.Helper()
	packet, err := p.Read(5 * time.Second)
	if err == nil {
		p.t.Fatalf("want a closed connection, got %s", packets.PacketNames[packet.FixedHeader.Type])
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		p.t.Fatal("the connection stays open")
	}
}

// TestPubackWaitsForTheDisk holds back fsync: no acknowledgement may come before it, and all come after it, in order.
func TestPubackWaitsForTheDisk(t *testing.T) {
	files := &heldFiles{}
	s := serve(t, files, nil)
	for _, version := range []byte{mqtt.Version311, mqtt.Version5} {
		p, _ := s.connect(version, nil)
		release := files.hold()
		before := s.queue.Metrics().Commits
		for id := uint16(1); id <= 50; id++ {
			p.send(publish(id, 1, "devices/a", "1"))
		}
		if packet, err := p.Read(100 * time.Millisecond); err == nil {
			t.Fatalf("%s came before fsync", packets.PacketNames[packet.FixedHeader.Type])
		}
		release()
		// The connection timed out above, so its reader is not used any more.
		for id := uint16(1); id <= 50; id++ {
			if packet := p.expect(packets.Puback, 0); packet.PacketID != id {
				t.Fatalf("PUBACK of %d, want %d", packet.PacketID, id)
			}
		}
		if commits := s.queue.Metrics().Commits - before; commits > 10 {
			t.Errorf("50 messages of one device took %d commits", commits)
		}
	}
}

func TestFailedWritesAreNotAcknowledged(t *testing.T) {
	files := &heldFiles{}
	s := serve(t, files, nil)
	five, _ := s.connect(mqtt.Version5, nil)
	old, _ := s.connect(mqtt.Version311, func(p *packets.Packet) { p.Connect.ClientIdentifier = "old" })
	files.fail(errors.New("input/output error"))
	five.send(publish(1, 1, "devices/a", "1"))
	five.expect(packets.Puback, packets.ErrUnspecifiedError.Code)
	old.send(publish(1, 1, "devices/a", "1"))
	old.expectClosed()
	files.fail(nil)
	five.send(publish(2, 1, "devices/a", "2"))
	five.expect(packets.Puback, 0)
	if refused := s.listener.Counts.Refused()["Disk"]; refused != 2 {
		t.Errorf("%d refusals are counted, want 2", refused)
	}
}

func TestQualitiesOfService(t *testing.T) {
	s := serve(t, nil, nil)
	five, welcome := s.connect(mqtt.Version5, nil)
	if p := welcome.Properties; !p.MaximumQosFlag || p.MaximumQos != 1 || !p.RetainAvailableFlag || p.RetainAvailable != 0 || p.ReceiveMaximum != receiveMaximum || p.MaximumPacketSize == 0 || welcome.SessionPresent {
		t.Errorf("got %+v", p)
	}
	five.send(publish(0, 0, "devices/a", `"zero"`))
	five.send(publish(1, 1, "devices/a", `"one"`))
	five.expect(packets.Puback, 0)
	five.send(publish(2, 2, "devices/a", `"two"`))
	five.expect(packets.Disconnect, packets.ErrQosNotSupported.Code)
	old, _ := s.connect(mqtt.Version311, nil)
	old.send(publish(3, 2, "devices/a", `"two"`))
	old.expect(packets.Pubrec, 0)
	old.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pubrel, Qos: 1}, PacketID: 3})
	old.expect(packets.Pubcomp, 0)
	old.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}})
	old.expect(packets.Pingresp, 0)
	if kept := s.payloads(); len(kept) != 3 {
		t.Errorf("kept: %v", kept)
	}
}

func TestRefusals(t *testing.T) {
	s := serve(t, nil, nil)
	for _, test := range []struct {
		topic, payload string
		reason         byte
	}{
		{"elsewhere", "1", packets.ErrTopicNameInvalid.Code}, {"skerry/v1/config/gateway-3", "1", packets.ErrTopicNameInvalid.Code},
		{"devices/\x01", "1", packets.ErrTopicNameInvalid.Code}, {"devices/a", string(make([]byte, 3500)), packets.ErrPacketTooLarge.Code},
	} {
		five, _ := s.connect(mqtt.Version5, nil)
		five.send(publish(1, 1, test.topic, test.payload))
		five.expect(packets.Puback, test.reason)
		five.send(publish(2, 1, "devices/a", "1"))
		five.expect(packets.Puback, 0)
		old, _ := s.connect(mqtt.Version311, nil)
		old.send(publish(1, 1, test.topic, test.payload))
		old.expectClosed()
	}
	if refused := s.listener.Counts.Refused(); refused["NoRoute"] != 4 || refused["Invalid"] != 2 || refused["TooLarge"] != 2 {
		t.Errorf("refused: %v", refused)
	}
	five, _ := s.connect(mqtt.Version5, nil)
	five.send(publish(1, 1, "devices/a", string(make([]byte, 20_000))))
	five.expect(packets.Disconnect, packets.ErrPacketTooLarge.Code)
	five, _ = s.connect(mqtt.Version5, nil)
	five.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Subscribe, Qos: 1}, PacketID: 7, Filters: packets.Subscriptions{{Filter: "a"}, {Filter: "b"}}})
	if answer := five.expect(packets.Suback, 0); !bytes.Equal(answer.ReasonCodes, []byte{0x80, 0x80}) {
		t.Errorf("subscriptions: %v", answer.ReasonCodes)
	}
}

func TestWillsAreKeptUnlessTheDeviceSaysGoodbye(t *testing.T) {
	s := serve(t, nil, nil)
	will := func(p *packets.Packet) {
		p.Connect.WillFlag, p.Connect.WillTopic, p.Connect.WillPayload = true, "devices/state", []byte(`"gone"`)
	}
	polite, _ := s.connect(mqtt.Version311, will)
	polite.send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Disconnect}})
	polite.expectClosed()
	if kept := s.payloads(); len(kept) != 0 {
		t.Errorf("kept: %v", kept)
	}
	lost, _ := s.connect(mqtt.Version311, will)
	_ = lost.Close()
	for deadline := time.Now().Add(5 * time.Second); len(s.payloads()) != 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("kept: %v", s.payloads())
		}
	}
}

func TestConnections(t *testing.T) {
	passwords := filepath.Join(t.TempDir(), "passwords")
	if err := os.WriteFile(passwords, []byte("anna:secret\nbert:other\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, nil, func(l *Listener) { l.Credentials.PasswordFile = passwords })
	as := func(user, password string) func(*packets.Packet) {
		return func(p *packets.Packet) {
			p.Connect.UsernameFlag, p.Connect.Username = user != "", []byte(user)
			p.Connect.PasswordFlag, p.Connect.Password = password != "", []byte(password)
		}
	}
	for _, test := range []struct {
		user, password string
		version, want  byte
	}{
		{"anna", "secret", mqtt.Version5, 0}, {"bert", "other", mqtt.Version311, 0}, {"anna", "other", mqtt.Version5, packets.ErrBadUsernameOrPassword.Code},
		{"anna", "other", mqtt.Version311, 5}, {"", "", mqtt.Version5, packets.ErrBadUsernameOrPassword.Code}, {"anna:secret\nbert", "other", mqtt.Version5, packets.ErrBadUsernameOrPassword.Code},
	} {
		if _, answer := s.connect(test.version, as(test.user, test.password)); answer.ReasonCode != test.want {
			t.Errorf("%q, %q: 0x%02x, want 0x%02x", test.user, test.password, answer.ReasonCode, test.want)
		}
	}
	if err := os.WriteFile(passwords, []byte("carl:new\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, answer := s.connect(mqtt.Version5, as("carl", "new")); answer.ReasonCode != 0 {
		t.Error("a new password does not count")
	}
	first, _ := s.connect(mqtt.Version5, as("carl", "new"))
	s.connect(mqtt.Version5, as("carl", "new"))
	first.expect(packets.Disconnect, packets.ErrSessionTakenOver.Code)
	_, answer := s.connect(mqtt.Version5, func(p *packets.Packet) {
		as("carl", "new")(p)
		p.Connect.ClientIdentifier = ""
	})
	if answer.Properties.AssignedClientID == "" {
		t.Error("no client identifier was assigned")
	}
	silent, _ := s.connect(mqtt.Version5, func(p *packets.Packet) {
		as("carl", "new")(p)
		p.Connect.ClientIdentifier, p.Connect.Keepalive = "silent", 1
	})
	began := time.Now()
	silent.expectClosed()
	if took := time.Since(began); took < time.Second || took > 3*time.Second {
		t.Errorf("a silent device was disconnected after %s", took)
	}
}

func TestMaxConnections(t *testing.T) {
	s := serve(t, nil, func(l *Listener) { l.MaxConnections = 3 })
	for n := range 3 {
		s.connect(mqtt.Version5, func(p *packets.Packet) { p.Connect.ClientIdentifier = fmt.Sprint(n) })
	}
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := connection.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want a closed connection", err)
	}
}

// TestGarbage sends random packets and checks that the listener survives.
func TestGarbage(t *testing.T) {
	s := serve(t, nil, func(l *Listener) { l.MaxConnections = 2000 })
	for n := range 500 {
		p, _ := s.connect([]byte{mqtt.Version311, mqtt.Version5}[n%2], func(p *packets.Packet) { p.Connect.ClientIdentifier = fmt.Sprint(n) })
		connection, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		garbage := make([]byte, 1+n%100)
		for index := range garbage {
			garbage[index] = byte(n*31 + index*index*7)
		}
		_, _ = connection.Write(garbage)
		_ = connection.Close()
		_ = p.Close()
	}
	p, _ := s.connect(mqtt.Version5, nil)
	p.send(publish(1, 1, "devices/a", "1"))
	p.expect(packets.Puback, 0)
}
