package mqtt

import (
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// keepAlive asks for an answer when a side was silent for half of the keepalive, and ends the connection when none comes
// within the other half.
func (c *Client) keepAlive() {
	ticker := time.NewTicker(c.options.KeepAlive / 2)
	defer ticker.Stop()
	asked := false
	for {
		select {
		case <-ticker.C:
		case <-c.done:
			return
		}
		heard := c.received.Swap(false) || c.handling.Load()
		if asked && !heard {
			c.end(ErrSilent)
			return
		}
		asked = !heard || !c.sent.Swap(false)
		if asked {
			if err := c.conn.Send(&packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}}); err != nil {
				c.end(err)
				return
			}
		}
	}
}
