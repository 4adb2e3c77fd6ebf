package roundtrip

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// timeout exceeds every plausible round-trip time.
const timeout = time.Second

// errOtherNode means that another node answered than the one that was asked.
var errOtherNode = errors.New("another node answered")

// Probe measures one round-trip time to a node. It probes from an address of this node; the zero Addr leaves the choice to the
// kernel, as does an address of the other IP version.
func Probe(source netip.Addr, node string, address netip.AddrPort) (time.Duration, error) {
	var local *net.UDPAddr
	if source.Is4() == address.Addr().Is4() && source.IsValid() {
		local = net.UDPAddrFromAddrPort(netip.AddrPortFrom(source, 0))
	}
	// A connected socket receives datagrams only from its peer, and each probe has a port of its own.
	connection, err := net.DialUDP("udp", local, net.UDPAddrFromAddrPort(address))
	if err != nil {
		return 0, err
	}
	defer func() { _ = connection.Close() }()
	probe := newProbe()
	want := replyTo(probe[:], identityOf(node))
	if err := connection.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return 0, err
	}
	sent := time.Now()
	if _, err := connection.Write(probe[:]); err != nil {
		return 0, err
	}
	var buffer [2 * packetSize]byte
	for {
		n, err := connection.Read(buffer[:])
		elapsed := time.Since(sent)
		if err != nil {
			return 0, err
		}
		switch {
		case string(buffer[:n]) == string(want[:]):
			return elapsed, nil
		case n == packetSize && string(buffer[:nameOffset]) == string(want[:nameOffset]):
			return 0, errOtherNode
		}
	}
}
