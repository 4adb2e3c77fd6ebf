// Package delay relays datagrams with the delay of a longer network path.
package delay

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// maxInFlight is the number of datagrams that a relay holds. Further ones wait in the buffer of the kernel, which has room for about
	// 270 small ones by default.
	maxInFlight = 100
	// maxDatagram is the largest datagram of UDP.
	maxDatagram = 1 << 16
	// replyTimeout is the time that the program behind the relay has for its reply.
	replyTimeout = time.Second
)

// Relay passes datagrams to a program and its replies back, for protocols that reply to one datagram with one.
type Relay struct {
	// Front receives the datagrams. Run closes it.
	Front *net.UDPConn
	// Back is the address of the program.
	Back netip.AddrPort
	// RoundTrip returns the delay of a datagram from an address and of its reply together. Each has one half of it. If it is unknown,
	// the datagram is dropped.
	RoundTrip func(sender netip.Addr) (delay time.Duration, known bool)
}

// Run relays until the context ends.
func (r *Relay) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { _ = r.Front.Close() })
	defer stop()
	var exchanges sync.WaitGroup
	defer exchanges.Wait()
	slots := make(chan struct{}, maxInFlight)
	buffer := make([]byte, maxDatagram)
	for {
		n, sender, err := r.Front.ReadFromUDPAddrPort(buffer)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			// The kernel is short of memory.
			sleepUntil(ctx, time.Now().Add(time.Second))
			continue
		}
		received := time.Now()
		select {
		case <-ctx.Done():
			return
		case slots <- struct{}{}:
		}
		datagram := bytes.Clone(buffer[:n])
		exchanges.Go(func() {
			defer func() { <-slots }()
			r.exchange(ctx, datagram, sender, received)
		})
	}
}

// exchange passes one datagram on, and its reply back. The times are counted from when the datagram was received, so that the time
// that this machine takes is part of the round trip instead of added to it.
func (r *Relay) exchange(ctx context.Context, datagram []byte, sender netip.AddrPort, received time.Time) {
	roundTrip, known := r.RoundTrip(sender.Addr().Unmap())
	if !known || !sleepUntil(ctx, received.Add(roundTrip/2)) {
		return
	}
	// Each exchange has a socket of its own, so that replies are not mistaken for others.
	back, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(r.Back))
	if err != nil {
		return
	}
	defer func() { _ = back.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = back.Close() })
	defer stop()
	if _, err := back.Write(datagram); err != nil {
		return
	}
	if err := back.SetReadDeadline(time.Now().Add(replyTimeout)); err != nil {
		return
	}
	reply := make([]byte, maxDatagram)
	n, err := back.Read(reply)
	if err != nil || !sleepUntil(ctx, received.Add(roundTrip)) {
		return
	}
	_, _ = r.Front.WriteToUDPAddrPort(reply[:n], sender)
}

// sleepUntil returns false if the context ended before.
func sleepUntil(ctx context.Context, t time.Time) bool {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
