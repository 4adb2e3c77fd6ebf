package main

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
)

// TestLiveMessagesDoNotWaitForTheBacklog drains a backlog while a device publishes more than the link takes. Both lanes get
// their share, and each lane arrives in order.
func TestLiveMessagesDoNotWaitForTheBacklog(t *testing.T) {
	const backlogPercent = 25
	l := newLink(t, settings{moreDelivery: `, "backlogPercent": 25, "windowMessages": 20`})
	l.proxy.Set(edgetest.Refuse)
	l.publish(2000)
	l.eventually("the agent is not connected", func() bool { return !l.isConnected() })
	l.proxy.Set(edgetest.Pass)
	l.eventually("the agent connects", l.isConnected)
	// A second device, so that the messages of the first one are the backlog.
	live := &edgetest.Device{Name: "live"}
	l.connect(live)
	stop := make(chan struct{})
	var publishing sync.WaitGroup
	publishing.Go(func() { publishSteadily(live, stop) })
	sent := func(lane string) float64 {
		return l.metric(`messages_sent_total{class="telemetry",lane="` + lane + `"}`)
	}
	l.eventually("live messages are sent", func() bool { return sent("live") > 50 })
	liveBefore, backlogBefore := sent("live"), sent("backlog")
	l.eventually("half of the backlog is sent", func() bool { return sent("backlog") > 1000 })
	liveSent, backlogSent := sent("live")-liveBefore, sent("backlog")-backlogBefore
	if share := 100 * backlogSent / (liveSent + backlogSent); math.Abs(share-backlogPercent) > 5 {
		t.Errorf("the backlog got %.0f %% of the messages, want %d %%", share, backlogPercent)
	}
	close(stop)
	publishing.Wait()
	last := map[string]uint64{}
	l.expectDelivery(l.cloud, l.device, live)
	for _, each := range l.cloud.Stored() {
		lane := "backlog"
		if each.Subject == "devices/live" {
			lane = "live"
		}
		if each.Key.Sequence <= last[lane] {
			t.Fatalf("%s: %d arrived after %d", lane, each.Key.Sequence, last[lane])
		}
		last[lane] = each.Key.Sequence
	}
}

// publishSteadily publishes 3,000 messages per second, which is more than the window lets through.
func publishSteadily(device *edgetest.Device, stop <-chan struct{}) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		var waits []func() (byte, error)
		for range 30 {
			waits = append(waits, device.Send())
		}
		for _, wait := range waits {
			_, _ = wait()
		}
	}
}
