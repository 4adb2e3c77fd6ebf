package mqttclient

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
)

func dialBroker(t *testing.T, b brokertest.Broker, version Version, id string, change func(*Options)) *Client {
	t.Helper()
	options := Options{Address: b.URL(), Version: version, ClientID: id}
	if change != nil {
		change(&options)
	}
	client, err := Dial(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func receive(t *testing.T, client *Client) Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	message, err := client.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func forEachVersion(t *testing.T, run func(*testing.T, brokertest.Broker, Version)) {
	brokertest.ForEach(t, func(t *testing.T, b brokertest.Broker) {
		for _, version := range []Version{V311, V5} {
			t.Run(fmt.Sprintf("protocol level %d", version), func(t *testing.T) { run(t, b, version) })
		}
	})
}

func TestMessagesArriveInOrder(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version Version) {
		subscriber := dialBroker(t, b, version, "subscriber", nil)
		if err := subscriber.Subscribe(t.Context(), "a/+", "b"); err != nil {
			t.Fatal(err)
		}
		publisher := dialBroker(t, b, version, "publisher", nil)
		// mochi-mqtt changes the order when the client has ReceiveMaximum messages to acknowledge.
		const count = 1500
		go func() {
			for n := range count {
				if err := publisher.Send(t.Context(), Outgoing{Topic: "a/x", Payload: fmt.Append(nil, n), ContentType: "text/plain"}); err != nil {
					t.Error(err)
				}
			}
		}()
		for n := range count {
			message := receive(t, subscriber)
			if message.Topic != "a/x" || string(message.Payload) != fmt.Sprint(n) {
				t.Fatalf("message %d is %q", n, message.Payload)
			}
			if err := subscriber.Acknowledge(message); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestRetainedMessages(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version Version) {
		client := dialBroker(t, b, version, "client", nil)
		if err := client.Publish(t.Context(), Outgoing{Topic: "r", Payload: []byte("kept"), Retain: true}); err != nil {
			t.Fatal(err)
		}
		if err := client.Subscribe(t.Context(), "r"); err != nil {
			t.Fatal(err)
		}
		if message := receive(t, client); !message.Retained || string(message.Payload) != "kept" {
			t.Fatalf("%+v", message)
		}
	})
}

func TestLargePayloadsAreCutOff(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version Version) {
		subscriber := dialBroker(t, b, version, "subscriber", func(o *Options) { o.MaxPayload = 1000 })
		if err := subscriber.Subscribe(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		publisher := dialBroker(t, b, version, "publisher", nil)
		for _, size := range []int{1000, 1001, 500_000, 10} {
			if err := publisher.Publish(t.Context(), Outgoing{Topic: "a", Payload: bytes.Repeat([]byte("x"), size)}); err != nil {
				t.Fatal(err)
			}
			message := receive(t, subscriber)
			if len(message.Payload) != min(size, 1000) || message.Truncated != (size > 1000) {
				t.Fatalf("%d bytes: %d bytes, truncated: %t", size, len(message.Payload), message.Truncated)
			}
			if err := subscriber.Acknowledge(message); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestABrokerThatDies(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version Version) {
		client := dialBroker(t, b, version, "client", nil)
		b.Kill()
		select {
		case <-client.Done():
		case <-time.After(10 * time.Second):
			t.Fatal("the end of the connection is not noticed")
		}
		if err := client.Publish(t.Context(), Outgoing{Topic: "a"}); err == nil {
			t.Error("a message is published without a broker")
		}
		if _, err := client.Receive(t.Context()); err == nil || err != client.Err() {
			t.Error(err)
		}
		b.Run(t)
	})
}

func TestRefusedConnections(t *testing.T) {
	b := brokertest.StartMosquitto(t, "allow_anonymous false")
	for version, expected := range map[Version]string{V311: "not authorized", V5: "not authorized"} {
		_, err := Dial(t.Context(), Options{Address: b.URL(), Version: version, ClientID: "x"})
		if err == nil || !strings.Contains(err.Error(), "the broker refused the connection: "+expected) {
			t.Errorf("%v", err)
		}
	}
}

// fakeBroker accepts one connection, answers CONNECT, and then lets a test do what it wants.
func fakeBroker(t *testing.T, script func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = connection.Close() }()
		script(connection)
	}()
	return "mqtt://" + listener.Addr().String()
}

var connack = []byte{packets.Connack << 4, 3, 0, 0, 0}

// TestASilentBroker has a link that is half-open: nothing arrives, and nothing says so.
func TestASilentBroker(t *testing.T) {
	address := fakeBroker(t, func(connection net.Conn) {
		_, _ = connection.Write(connack)
		time.Sleep(time.Minute)
	})
	client, err := Dial(t.Context(), Options{Address: address, ClientID: "x", KeepAlive: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-client.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the silence is not noticed")
	}
	if err := client.Err(); !strings.Contains(err.Error(), "timeout") {
		t.Fatal(err)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	address := fakeBroker(t, func(net.Conn) { time.Sleep(time.Minute) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	started := time.Now()
	if _, err := Dial(ctx, Options{Address: address, ClientID: "x"}); err == nil || time.Since(started) > 5*time.Second {
		t.Fatalf("%v after %s", err, time.Since(started))
	}
}

// FuzzBroker sends a client anything. It must end the connection or go on, and nothing else.
func FuzzBroker(f *testing.F) {
	f.Add([]byte{packets.Publish<<4 | 2, 7, 0, 1, 'a', 0, 1, 0, 'x'})
	f.Add([]byte{packets.Puback << 4, 2, 0, 1})
	f.Add([]byte{packets.Suback << 4, 4, 0, 1, 0, 0x80})
	f.Add([]byte{packets.Disconnect << 4, 2, 0x8e, 0})
	f.Fuzz(func(t *testing.T, input []byte) {
		ours, theirs := net.Pipe()
		c := &Client{
			options: Options{Version: V5, KeepAlive: time.Second}.withDefaults(), connection: ours, incoming: make(chan Message, 1),
			slots: make(chan struct{}, 1), waiting: map[uint16]chan response{1: make(chan response, 1)}, done: make(chan struct{}),
		}
		c.reader, c.writer = newBuffers(ours)
		go func() {
			_, _ = theirs.Write(input)
			_ = theirs.Close()
		}()
		c.read()
		if c.Err() == nil {
			t.Fatal("the end of the connection is not noticed")
		}
	})
}

func TestAddresses(t *testing.T) {
	for address, expected := range map[string]string{
		"mqtt://a": "a:1883 false", "mqtts://a": "a:8883 true", "mqtt://[::1]:5": "[::1]:5 false",
		"http://a":          `"http://a": scheme must be one of mqtt, mqtts`,
		"mqtt://":           `"mqtt://": must be mqtt://host[:port]`,
		"mqtt://a/b":        `"mqtt://a/b": must be mqtt://host[:port]`,
		"mqtt://u:secret@a": `must have no user and password: pass the password in a file`,
	} {
		hostPort, secure, err := ParseAddress(address)
		got := fmt.Sprint(hostPort, " ", secure)
		if err != nil {
			got = err.Error()
		}
		if got != expected {
			t.Errorf("%s: got %s, want %s", address, got, expected)
		}
	}
	if _, err := ParseVersion("4"); err == nil || err.Error() != `"4": must be one of 3.1.1, 5` {
		t.Error(err)
	}
}
