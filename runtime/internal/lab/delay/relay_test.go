package delay

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
)

func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	connection, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

func addressOf(connection *net.UDPConn) netip.AddrPort {
	return connection.LocalAddr().(*net.UDPAddr).AddrPort()
}

// start runs a relay in front of a program, and returns its address. It ends with the test, or when the test calls end.
func start(t *testing.T, back netip.AddrPort, roundTrip func(netip.Addr) (time.Duration, bool)) (address netip.AddrPort, end func()) {
	t.Helper()
	front := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { (&Relay{Front: front, Back: back, RoundTrip: roundTrip}).Run(ctx) })
	end = func() { cancel(); running.Wait() }
	t.Cleanup(end)
	return addressOf(front), end
}

// echo replies with what it receives.
func echo(t *testing.T) netip.AddrPort {
	t.Helper()
	connection := listen(t)
	go func() {
		buffer := make([]byte, maxDatagram)
		for {
			n, sender, err := connection.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			_, _ = connection.WriteToUDPAddrPort(buffer[:n], sender)
		}
	}()
	return addressOf(connection)
}

// The node agent measures the delay of the link between two addresses, and the delay after a change.
func TestTheNodeAgentMeasuresTheDelay(t *testing.T) {
	responder := listen(t)
	go roundtrip.Respond(t.Context(), responder, "far")
	near, far := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	var delays [2]atomic.Int64
	delays[0].Store(int64(20 * time.Millisecond))
	delays[1].Store(int64(90 * time.Millisecond))
	address, _ := start(t, addressOf(responder), func(sender netip.Addr) (time.Duration, bool) {
		index := slices.Index([]netip.Addr{near, far}, sender)
		return time.Duration(delays[max(0, index)].Load()), index >= 0
	})
	// A busy machine lengthens round trips, or loses probes, and nothing shortens them. So one that is exact suffices.
	expect := func(source netip.Addr, want time.Duration) {
		t.Helper()
		var got time.Duration
		var err error
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
			got, err = roundtrip.Probe(source, "far", address)
			if err == nil && got < want {
				break
			}
			if err == nil && got <= want+10*time.Millisecond {
				return
			}
		}
		t.Errorf("from %v: got %v, %v, want %v", source, got, err, want)
	}
	expect(near, 20*time.Millisecond)
	expect(far, 90*time.Millisecond)
	delays[0].Store(int64(50 * time.Millisecond))
	expect(near, 50*time.Millisecond)
	if elapsed, err := roundtrip.Probe(netip.MustParseAddr("127.0.0.3"), "far", address); err == nil {
		t.Errorf("from an unknown sender: got %v", elapsed)
	}
}

// More datagrams than the relay holds are sent at once. The others fit into the buffer of the kernel.
func TestNoDatagramIsLost(t *testing.T) {
	address, _ := start(t, echo(t), func(netip.Addr) (time.Duration, bool) { return 20 * time.Millisecond, true })
	const datagrams = maxInFlight * 5 / 4
	var senders sync.WaitGroup
	var replies atomic.Int32
	for number := range datagrams {
		senders.Go(func() {
			connection, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(address))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = connection.Close() }()
			_ = connection.SetDeadline(time.Now().Add(20 * time.Second))
			want := []byte{byte(number), byte(number >> 8)}
			_, _ = connection.Write(want)
			buffer := make([]byte, maxDatagram)
			if n, err := connection.Read(buffer); err == nil && slices.Equal(buffer[:n], want) {
				replies.Add(1)
			}
		})
	}
	senders.Wait()
	if got := replies.Load(); got != datagrams {
		t.Errorf("got %d replies, want %d", got, datagrams)
	}
}

func TestTheRelayEndsWithItsContextAndFreesItsAddress(t *testing.T) {
	address, end := start(t, echo(t), func(netip.Addr) (time.Duration, bool) { return time.Hour, true })
	connection, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(address))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := connection.Write([]byte("in flight")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	end()
	again, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(address))
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}
