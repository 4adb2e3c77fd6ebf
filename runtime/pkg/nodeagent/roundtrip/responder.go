package roundtrip

import (
	"context"
	"net"
	"time"
)

// maxReplies is the number of replies per second. A node receives a few probes per minute.
const maxReplies = 50

// Respond answers probes until the context ends, and then closes the connection.
func Respond(ctx context.Context, connection *net.UDPConn, node string) {
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	identity := identityOf(node)
	buffer := make([]byte, 2*packetSize)
	second, replies := time.Now(), 0
	for {
		n, sender, err := connection.ReadFromUDPAddrPort(buffer)
		if err != nil {
			// The connection is closed, or the kernel is short of memory.
			if !pause(ctx, time.Second) {
				return
			}
			continue
		}
		if now := time.Now(); now.Sub(second) >= time.Second {
			second, replies = now, 0
		}
		if !isProbe(buffer[:n]) || replies >= maxReplies {
			continue
		}
		replies++
		reply := replyTo(buffer[:n], identity)
		_, _ = connection.WriteToUDPAddrPort(reply[:], sender)
	}
}

func pause(ctx context.Context, duration time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(duration):
		return true
	}
}
