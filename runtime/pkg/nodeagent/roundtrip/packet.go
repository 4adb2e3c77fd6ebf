// Package roundtrip measures round-trip times to nodes of other regions, over UDP.
//
// A probe is 32 bytes: a magic number, 16 random bytes, and padding. The reply repeats the random bytes, so only a host that
// received the probe can answer it, and adds a hash of the name of the node that answers, so a node that announces the
// address of another one is not mistaken for it. A reply is as long as a probe, so the responder amplifies nothing.
package roundtrip

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
)

const (
	packetSize  = 32
	nonceOffset = 4
	nameOffset  = 20
)

var (
	probeMagic = []byte("SKq1")
	replyMagic = []byte("SKr1")
)

type packet [packetSize]byte

func newProbe() packet {
	var probe packet
	copy(probe[:], probeMagic)
	// crypto/rand never fails.
	_, _ = rand.Read(probe[nonceOffset:nameOffset])
	return probe
}

// isProbe reports whether a datagram is a probe.
func isProbe(datagram []byte) bool {
	return len(datagram) == packetSize && bytes.HasPrefix(datagram, probeMagic)
}

// replyTo returns the reply of a node to a probe.
func replyTo(probe []byte, identity [packetSize - nameOffset]byte) packet {
	var reply packet
	copy(reply[:], probe)
	copy(reply[:], replyMagic)
	copy(reply[nameOffset:], identity[:])
	return reply
}

// identityOf returns the hash of a node's name in replies.
func identityOf(node string) (identity [packetSize - nameOffset]byte) {
	hash := sha256.Sum256([]byte(node))
	copy(identity[:], hash[:])
	return identity
}
