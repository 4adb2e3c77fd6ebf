package main

import (
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
)

// TestClockSteps lets the wall clock step by up to ten years with each message, over a restart. Messages are dated by it,
// and nothing else changes: all of them arrive once, in order.
func TestClockSteps(t *testing.T) {
	broker := edgetest.StartBroker(t, nil)
	l := &link{broker: broker, cloud: edgetest.StartCloud(t, broker.Address), device: &edgetest.Device{Name: "a"}}
	l.agent = newAgent(t, settings{uplink: broker.Address, classes: `{"name": "telemetry", "maxBytes": "64Mi", "maxAge": "1h"}`})
	l.environment = []string{"EDGE_AGENT_TEST_CLOCK=steps"}
	for range 3 {
		l.start()
		l.connect(l.device)
		l.publish(300)
		l.kill()
	}
	l.start()
	l.expectDelivery(l.cloud, l.device)
	if lost := l.metric(`messages_lost_total{class="telemetry",reason="Age"}`); lost != 0 {
		t.Errorf("%v messages were dropped because of their age", lost)
	}
	earliest, latest := time.Now(), time.Now()
	for _, each := range l.cloud.Stored() {
		if each.Type != edgeevents.TypeDeviceMessage {
			t.Fatalf("type %s", each.Type)
		}
		if each.Time.Before(earliest) {
			earliest = each.Time
		}
		if each.Time.After(latest) {
			latest = each.Time
		}
	}
	if latest.Sub(earliest) < 10*365*24*time.Hour {
		t.Errorf("the clock stepped only by %s", latest.Sub(earliest))
	}
}
