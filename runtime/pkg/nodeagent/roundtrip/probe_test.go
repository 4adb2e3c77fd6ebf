package roundtrip

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// respond runs a responder on loopback.
func respond(t *testing.T, node string) netip.AddrPort {
	t.Helper()
	connection, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); Respond(ctx, connection, node) }()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return connection.LocalAddr().(*net.UDPAddr).AddrPort()
}

func TestProbeMeasuresTheRoundTrip(t *testing.T) {
	address := respond(t, "a")
	elapsed, err := Probe(netip.Addr{}, "a", address)
	if err != nil || elapsed <= 0 || elapsed >= timeout {
		t.Errorf("got %v, %v", elapsed, err)
	}
}

func TestProbesComeFromTheAddressOfTheNode(t *testing.T) {
	connection, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	senders := make(chan netip.AddrPort, 1)
	go func() {
		defer close(senders)
		var buffer [64]byte
		n, sender, err := connection.ReadFromUDPAddrPort(buffer[:])
		if err != nil {
			return
		}
		reply := replyTo(buffer[:n], identityOf("a"))
		_, _ = connection.WriteToUDPAddrPort(reply[:], sender)
		senders <- sender
	}()
	source := netip.MustParseAddr("127.9.8.7")
	_, err = Probe(source, "a", connection.LocalAddr().(*net.UDPAddr).AddrPort())
	_ = connection.Close()
	if sender := <-senders; err != nil || sender.Addr().Unmap() != source {
		t.Errorf("got %v from %v, want %v", err, sender, source)
	}
}

// A node that announces the address of another node, to look as close as that one.
func TestProbeRejectsAnotherNode(t *testing.T) {
	address := respond(t, "honest")
	if elapsed, err := Probe(netip.Addr{}, "lying", address); !errors.Is(err, errOtherNode) {
		t.Errorf("got %v, %v", elapsed, err)
	}
}

// An attacker answers without having seen the probe.
func TestProbeIgnoresRepliesWithoutItsRandomBytes(t *testing.T) {
	connection, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	go func() {
		var buffer [64]byte
		n, sender, err := connection.ReadFromUDPAddrPort(buffer[:])
		if err != nil {
			return
		}
		guess := newProbe()
		forged := replyTo(guess[:], identityOf("a"))
		_, _ = connection.WriteToUDPAddrPort(forged[:], sender)
		_, _ = connection.WriteToUDPAddrPort([]byte("noise"), sender)
		time.Sleep(50 * time.Millisecond)
		reply := replyTo(buffer[:n], identityOf("a"))
		_, _ = connection.WriteToUDPAddrPort(reply[:], sender)
	}()
	elapsed, err := Probe(netip.Addr{}, "a", connection.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil || elapsed < 50*time.Millisecond {
		t.Errorf("got %v, %v, want the time of the real reply", elapsed, err)
	}
}

func TestRespondAnswersOnlyProbesAndLimitsItsRate(t *testing.T) {
	address := respond(t, "a")
	connection, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(address))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	probe := newProbe()
	long := append(probe[:], 0)
	own := replyTo(probe[:], identityOf("a"))
	for _, datagram := range [][]byte{{}, []byte("x"), probe[:31], long, own[:]} {
		if _, err := connection.Write(datagram); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 * maxReplies {
		if _, err := connection.Write(probe[:]); err != nil {
			t.Fatal(err)
		}
	}
	replies := 0
	var buffer [64]byte
	for {
		_ = connection.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		n, err := connection.Read(buffer[:])
		if err != nil {
			break
		}
		if n != packetSize || string(buffer[:n]) != string(own[:]) {
			t.Fatalf("got the reply %x", buffer[:n])
		}
		replies++
	}
	// The probes may fall into two seconds.
	if replies < maxReplies || replies > 3*maxReplies {
		t.Errorf("got %d replies to %d probes", replies, 4*maxReplies)
	}
}
