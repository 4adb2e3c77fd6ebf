package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// TestAcknowledgedMessagesSurviveKills kills the agent at random moments, also while it starts, and while it sends to the
// cloud. Each message that it acknowledged to a device arrives under exactly one key, in the order of the device.
func TestAcknowledgedMessagesSurviveKills(t *testing.T) {
	random := programtest.RandomOf(t)
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	broker := edgetest.StartBroker(t, nil)
	cloud := edgetest.StartCloud(t, broker.Address)
	a := newAgent(t, settings{uplink: broker.Address})
	devices := []*edgetest.Device{{Name: "a"}, {Name: "b", Version: mqtt.Version311}}
	for range rounds {
		a.start()
		alive, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Duration(random.IntN(120))*time.Millisecond, func() {
			_ = a.process.Process.Kill()
			cancel()
		})
		var all sync.WaitGroup
		for _, device := range devices {
			all.Go(func() {
				for device.Connect(alive, a.listen) != nil {
					if alive.Err() != nil {
						return
					}
					time.Sleep(time.Millisecond)
				}
				device.Flood(20)
				device.Close()
			})
		}
		<-a.exited
		all.Wait()
	}
	if len(devices[0].Promised()) < rounds || len(devices[1].Promised()) < rounds {
		t.Fatalf("only %d and %d messages were acknowledged in %d rounds", len(devices[0].Promised()), len(devices[1].Promised()), rounds)
	}
	a.start()
	a.expectDelivery(cloud, devices...)
	a.terminate()
}
