package mqtt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
)

func connectTo(t *testing.T, b brokertest.Broker, version byte, id string, change func(*Options)) *BlockingClient {
	t.Helper()
	// When mochi-mqtt ends a connection, it removes the subscriptions of a new one with the same identifier, too.
	options := Options{Address: b.URL(), Version: version, ClientID: fmt.Sprintf("%s-%d", id, version)}
	if change != nil {
		change(&options)
	}
	client, err := ConnectBlocking(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func receive(t *testing.T, client *BlockingClient) Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	message, err := client.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func forEachVersion(t *testing.T, run func(*testing.T, brokertest.Broker, byte)) {
	brokertest.ForEach(t, func(t *testing.T, b brokertest.Broker) {
		for _, version := range []byte{Version311, Version5} {
			t.Run(fmt.Sprintf("protocol level %d", version), func(t *testing.T) { run(t, b, version) })
		}
	})
}

func TestMessagesArriveInOrder(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version byte) {
		subscriber := connectTo(t, b, version, "subscriber", nil)
		if err := subscriber.Subscribe(t.Context(), "a/+", "b"); err != nil {
			t.Fatal(err)
		}
		publisher := connectTo(t, b, version, "publisher", nil)
		// Mosquitto drops what exceeds 1,000 queued messages.
		const count = 1000
		sent := make(chan error, 1)
		go func() {
			var err error
			for n := 0; n < count && err == nil; n++ {
				err = publisher.Send(t.Context(), Outgoing{Topic: "a/x", Payload: fmt.Append(nil, n), ContentType: "text/plain"})
			}
			sent <- err
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
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}

func TestRetainedMessages(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version byte) {
		publisher, client := connectTo(t, b, version, "publisher", nil), connectTo(t, b, version, "client", nil)
		if err := publisher.Publish(t.Context(), Outgoing{Topic: "r", Payload: []byte("kept"), Retain: true}); err != nil {
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

// TestASharedSubscriptionReturnsOwnMessages subscribes without No Local, which brokers of MQTT 5 refuse here.
func TestASharedSubscriptionReturnsOwnMessages(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version byte) {
		client := connectTo(t, b, version, "client", nil)
		// The client of the other version may still be in its group.
		if err := client.Subscribe(t.Context(), fmt.Sprintf("$share/group-%d/a", version)); err != nil {
			t.Fatal(err)
		}
		if err := client.Publish(t.Context(), Outgoing{Topic: "a", Payload: []byte("own")}); err != nil {
			t.Fatal(err)
		}
		if message := receive(t, client); string(message.Payload) != "own" {
			t.Fatalf("%+v", message)
		}
	})
}

func TestLargePayloadsAreCutOff(t *testing.T) {
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version byte) {
		subscriber := connectTo(t, b, version, "subscriber", func(o *Options) { o.MaxPayload = 1000 })
		if err := subscriber.Subscribe(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		publisher := connectTo(t, b, version, "publisher", nil)
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
	forEachVersion(t, func(t *testing.T, b brokertest.Broker, version byte) {
		client := connectTo(t, b, version, "client", nil)
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
	for version, expected := range map[byte]string{Version311: "not authorized", Version5: "not authorized"} {
		_, err := ConnectBlocking(t.Context(), Options{Address: b.URL(), Version: version, ClientID: "x"})
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

func TestThePasswordIsReadAtEachConnection(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	for _, expected := range []string{"first", "second"} {
		if err := os.WriteFile(file, []byte(expected+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		presented := make(chan string, 1)
		address := fakeBroker(t, func(connection net.Conn) {
			packet, err := NewConn(connection, Version5, bufferSize).Read(0)
			if err != nil {
				t.Error(err)
				return
			}
			presented <- string(packet.Connect.Username) + ":" + string(packet.Connect.Password)
			_, _ = connection.Write(connack)
		})
		client, err := ConnectBlocking(t.Context(), Options{Address: address, ClientID: "x", Username: "u", PasswordFile: file})
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
		if got := <-presented; got != "u:"+expected {
			t.Errorf("got %s, want %s", got, expected)
		}
	}
}

var connack = []byte{packets.Connack << 4, 3, 0, 0, 0}

// TestASilentBroker has a link that is half-open: nothing arrives, and nothing says so.
func TestASilentBroker(t *testing.T) {
	address := fakeBroker(t, func(connection net.Conn) {
		_, _ = connection.Write(connack)
		time.Sleep(time.Minute)
	})
	client, err := ConnectBlocking(t.Context(), Options{Address: address, ClientID: "x", KeepAlive: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-client.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the silence is not noticed")
	}
	if err := client.Err(); !errors.Is(err, ErrSilent) {
		t.Fatal(err)
	}
}

func TestConnectingEndsWithItsContext(t *testing.T) {
	address := fakeBroker(t, func(net.Conn) { time.Sleep(time.Minute) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	started := time.Now()
	if _, err := ConnectBlocking(ctx, Options{Address: address, ClientID: "x"}); err == nil || time.Since(started) > 5*time.Second {
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
		address := fakeBroker(t, func(connection net.Conn) {
			packet := make([]byte, 1024)
			_, _ = connection.Read(packet)
			_, _ = connection.Write(connack)
			_, _ = connection.Read(packet)
			_, _ = connection.Write(input)
		})
		client, err := ConnectBlocking(t.Context(), Options{Address: address, ClientID: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Send(t.Context(), Outgoing{Topic: "a"}); err != nil {
			t.Fatal(err)
		}
		<-client.Done()
		if client.Err() == nil {
			t.Fatal("the end of the connection is not noticed")
		}
	})
}
