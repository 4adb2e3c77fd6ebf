package mqtt

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// replay is a connection that returns the same bytes again and again, or once.
type replay struct {
	net.Conn
	bytes []byte
	once  bool
	at    int
}

func (r *replay) Read(into []byte) (int, error) {
	if r.at == len(r.bytes) {
		if r.once {
			return 0, io.EOF
		}
		r.at = 0
	}
	n := copy(into, r.bytes[r.at:])
	r.at += n
	return n, nil
}

func (r *replay) SetReadDeadline(time.Time) error { return nil }

func publishPacket(t *testing.T, payload string) []byte {
	t.Helper()
	packet := &packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: 1}, PacketID: 7, TopicName: "devices/a", Payload: []byte(payload)}
	var encoded bytes.Buffer
	if err := packet.PublishEncode(&encoded); err != nil {
		t.Fatal(err)
	}
	return encoded.Bytes()
}

func TestPacketsThatAreReusedTakeNoMemory(t *testing.T) {
	conn := NewConn(&replay{bytes: publishPacket(t, strings.Repeat("x", 100))}, Version311, bufferSize)
	conn.Reuse = true
	allocated := testing.AllocsPerRun(1000, func() {
		packet, err := conn.Read(0)
		if err != nil || packet.TopicName != "devices/a" || len(packet.Payload) != 100 {
			t.Fatalf("%v: %+v", err, packet)
		}
	})
	if allocated > 0 {
		t.Errorf("%g allocations for a packet, want none", allocated)
	}
}

// TestPacketsAroundTheSizeOfTheBuffer are read whole, with and without reuse.
func TestPacketsAroundTheSizeOfTheBuffer(t *testing.T) {
	for size := bufferSize - 40; size < bufferSize+20; size++ {
		for _, reuse := range []bool{false, true} {
			payload := strings.Repeat("ab", size)[:size]
			conn := NewConn(&replay{bytes: publishPacket(t, payload)}, Version311, bufferSize)
			conn.Reuse = reuse
			for range 3 {
				if packet, err := conn.Read(0); err != nil || string(packet.Payload) != payload {
					t.Fatalf("%d bytes, reuse %t: %v", size, reuse, err)
				}
			}
		}
	}
}

func TestAPacketThatEndsEarly(t *testing.T) {
	for _, reuse := range []bool{false, true} {
		whole := publishPacket(t, "payload")
		conn := NewConn(&replay{bytes: whole[:len(whole)-1], once: true}, Version311, bufferSize)
		conn.Reuse = reuse
		if _, err := conn.Read(0); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("reuse %t: %v, want %v", reuse, err, io.ErrUnexpectedEOF)
		}
	}
}
