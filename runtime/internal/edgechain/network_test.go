package edgechain

import (
	"math/rand/v2"
	"path/filepath"
	"sync"
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

// link is the network between the site and the cloud.
type link struct{ isSilent atomic.Bool }

// TestSlowAndLossyLink lets a round trip between the edge broker and the cloud broker take 600 ms, and loses 2 % of the packets. The
// link is dropped silently, and cut again while the backlog drains.
func TestSlowAndLossyLink(t *testing.T) {
	skipShort(t)
	random := programtest.RandomOf(t)
	var mutex sync.Mutex
	loses := func(random *rand.Rand) bool {
		mutex.Lock()
		defer mutex.Unlock()
		return random.IntN(lossOneIn) == 0
	}
	packets := rand.New(rand.NewPCG(random.Uint64(), 0))
	between := &link{}
	network := delaynet.New(t, func(_, _ *delaynet.Host) time.Duration {
		if between.isSilent.Load() || loses(packets) {
			return -1
		}
		return slowDelay
	})
	c := newChain(t, "sqlite:"+filepath.Join(t.TempDir(), "messages.db"), network.AddHost(), network.AddHost())
	stop := c.publish(50 * time.Millisecond)
	c.await(100)

	// Without a packet for longer than the bridge's keepalive, which is 5 s.
	between.isSilent.Store(true)
	time.Sleep(8 * time.Second)
	between.isSilent.Store(false)
	for range max(1, programtest.Rounds()/10) {
		// The drain has begun, and is not over.
		c.await(1 + random.IntN(50))
		if left := c.waiting(); left == 0 {
			t.Error("there is no backlog to cut")
		}
		between.isSilent.Store(true)
		c.cloudBrokerForgets()
		time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
		between.isSilent.Store(false)
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
