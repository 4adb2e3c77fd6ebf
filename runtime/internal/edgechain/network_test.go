package edgechain

import (
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/delaynet"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
)

const (
	// slowDelay is that of each packet: a round trip takes 600 ms.
	slowDelay = 300 * time.Millisecond
	lossOneIn = 50
)

// TestSlowAndLossyLink lets a round trip between the edge broker and the cloud broker take 600 ms, and loses 2 % of the packets. The
// link is dropped silently, and cut again while the backlog drains.
func TestSlowAndLossyLink(t *testing.T) {
	skipShort(t)
	random := programtest.RandomOf(t)
	var isSilent atomic.Bool
	// The network calls the function for one packet at a time.
	packets := rand.New(rand.NewPCG(random.Uint64(), 0))
	network := delaynet.New(t, func(_, _ *delaynet.Host) time.Duration {
		if isSilent.Load() || packets.IntN(lossOneIn) == 0 {
			return -1
		}
		return slowDelay
	})
	c := newChain(t, "sqlite:"+filepath.Join(t.TempDir(), "messages.db"), network.AddHost(), network.AddHost())
	stop := c.publish(50 * time.Millisecond)
	c.await(100)

	// Without a packet for longer than the bridge's keepalive, which is 5 s.
	isSilent.Store(true)
	time.Sleep(8 * time.Second)
	isSilent.Store(false)
	for range max(1, programtest.Rounds()/10) {
		// The drain has begun, and is not over.
		c.await(1 + random.IntN(50))
		if left := c.waiting(); left == 0 {
			t.Error("there is no backlog to cut")
		}
		isSilent.Store(true)
		c.cloudBrokerForgets()
		time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
		isSilent.Store(false)
	}
	stop()
	c.expectDelivery(2 * time.Minute)
	t.Logf("median delay of packets: %s", network.Applied(func(_, _ *delaynet.Host) bool { return true }).Round(time.Millisecond))
}

// cloudBrokerForgets restarts the cloud broker, so that the bridge's connection is half-open: its end in the cloud is gone.
func (c *chain) cloudBrokerForgets() {
	for _, each := range c.brokers.processes {
		if each.name == "cloud broker" {
			each.kill()
			each.run()
		}
	}
}
