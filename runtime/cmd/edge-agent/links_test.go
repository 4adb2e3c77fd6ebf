package main

import (
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// link is an agent whose uplink goes through a proxy, with a device.
type link struct {
	*agent
	broker *edgetest.Broker
	cloud  *edgetest.Cloud
	proxy  *edgetest.Proxy
	device *edgetest.Device
}

func newLink(t *testing.T, s settings) *link {
	t.Helper()
	l := &link{broker: edgetest.StartBroker(t, nil), device: &edgetest.Device{Name: "a"}}
	l.cloud = edgetest.StartCloud(t, l.broker.Address)
	l.proxy = edgetest.StartProxy(t, l.broker.Address)
	s.uplink = l.proxy.Address
	l.agent = newAgent(t, s)
	l.start()
	l.connect(l.device)
	return l
}

// publish lets the device publish messages, and waits for their acknowledgements.
func (l *link) publish(count int) {
	l.t.Helper()
	var waits []func() (byte, error)
	for range count {
		waits = append(waits, l.device.Send())
		if len(waits) == 50 {
			l.await(waits)
			waits = nil
		}
	}
	l.await(waits)
}

func (l *link) await(waits []func() (byte, error)) {
	l.t.Helper()
	for _, wait := range waits {
		if reason, err := wait(); err != nil || reason != 0 {
			l.t.Fatalf("the agent answered 0x%02x, %v", reason, err)
		}
	}
}

func (l *link) isConnected() bool { return l.metric("connected") == 1 }

func TestLinkRefused(t *testing.T) {
	l := newLink(t, settings{})
	l.publish(100)
	l.eventually("the agent connects", l.isConnected)
	l.proxy.Set(edgetest.Refuse)
	l.publish(1000)
	l.eventually("the agent is not connected", func() bool { return !l.isConnected() })
	l.proxy.Set(edgetest.Pass)
	l.expectDelivery(l.cloud, l.device)
}

// TestLinkSilent lets a link forward nothing while its connections stay open: the agent notices by the keepalive.
func TestLinkSilent(t *testing.T) {
	for name, version := range map[string]string{"5": "5", "3.1.1": "3.1.1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLink(t, settings{moreUplink: `, "protocol": "` + version + `"`})
			l.publish(100)
			l.eventually("the agent connects", l.isConnected)
			l.proxy.Set(edgetest.Silent)
			began := time.Now()
			l.publish(500)
			l.eventually("the agent notices", func() bool { return !l.isConnected() })
			// The keepalive is 2 s. A silent link is noticed within one and a half times as long.
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("the agent noticed after %s", took)
			}
			l.publish(500)
			l.proxy.Cut()
			l.proxy.Set(edgetest.Pass)
			l.expectDelivery(l.cloud, l.device)
		})
	}
}

// TestLinkHalfOpen drops connections on one side only: the broker's side is gone, and the agent's seems to be there.
func TestLinkHalfOpen(t *testing.T) {
	l := newLink(t, settings{})
	l.publish(100)
	l.eventually("the agent connects", l.isConnected)
	l.proxy.Set(edgetest.Silent)
	l.publish(100)
	if took := l.terminate(); took > 3*time.Second {
		t.Errorf("the agent took %s to end with a half-open link", took)
	}
	l.proxy.Cut()
	l.proxy.Set(edgetest.Pass)
	l.start()
	l.expectDelivery(l.cloud, l.device)
}

// TestLinkCutInTheMiddleOfADrain cuts the link again and again while a backlog drains.
func TestLinkCutInTheMiddleOfADrain(t *testing.T) {
	random := programtest.RandomOf(t)
	l := newLink(t, settings{})
	l.proxy.Set(edgetest.Refuse)
	l.publish(5000)
	l.proxy.Set(edgetest.Pass)
	for range 10 {
		before, _ := l.cloud.Count()
		l.proxy.CutAfter(1000 + random.IntN(200_000))
		l.eventually("the cloud gets more", func() bool {
			stored, _ := l.cloud.Count()
			return stored > before || l.metric(`queue_depth{class="telemetry"}`) == 0
		})
	}
	l.proxy.CutAfter(-1)
	l.expectDelivery(l.cloud, l.device)
}

// TestBrokerThatLoses lets messages and acknowledgements get lost behind the broker's own acknowledgement.
func TestBrokerThatLoses(t *testing.T) {
	l := newLink(t, settings{})
	l.cloud.Lose(5)
	l.publish(500)
	l.eventually("messages are sent again", func() bool { return l.metric(`messages_resent_total{class="telemetry"}`) > 10 })
	l.cloud.Lose(0)
	l.expectDelivery(l.cloud, l.device)
}

// TestCloudThatIsAway lets the broker work while nothing is stored: nothing may leave the outbox.
func TestCloudThatIsAway(t *testing.T) {
	l := newLink(t, settings{moreDelivery: `, "windowMessages": 50`})
	l.cloud.Pause(true)
	l.publish(300)
	l.eventually("messages are sent", func() bool {
		_, received := l.cloud.Count()
		return received >= 50
	})
	time.Sleep(time.Second)
	if depth := l.metric(`queue_depth{class="telemetry"}`); depth != 300 {
		t.Errorf("%v of 300 messages are left", depth)
	}
	if sent := l.metric(`messages_sent_total{class="telemetry",lane="live"}`) + l.metric(`messages_sent_total{class="telemetry",lane="backlog"}`) - l.metric(`messages_resent_total{class="telemetry"}`); sent != 50 {
		t.Errorf("%v messages are in flight, the window is 50", sent)
	}
	l.cloud.Pause(false)
	l.expectDelivery(l.cloud, l.device)
}

// TestWrongACL lets the broker refuse to take the agent's messages, until an operator corrects its access control list.
func TestWrongACL(t *testing.T) {
	for name, deny := range map[string]func(client, topic string, write bool) bool{
		"publish":   func(client, topic string, write bool) bool { return write && client == "skerry-gateway-3" },
		"subscribe": func(client, topic string, write bool) bool { return !write && client == "skerry-gateway-3" },
	} {
		for _, version := range []string{"5", "3.1.1"} {
			t.Run(name+" "+version, func(t *testing.T) {
				t.Parallel()
				broker := edgetest.StartBroker(t, nil)
				broker.Deny.Store(&deny)
				l := &link{broker: broker, cloud: edgetest.StartCloud(t, broker.Address), device: &edgetest.Device{Name: "a", Version: mqtt.Version311}}
				l.agent = newAgent(t, settings{uplink: broker.Address, moreUplink: `, "protocol": "` + version + `"`})
				l.start()
				l.connect(l.device)
				l.publish(200)
				time.Sleep(2 * time.Second)
				if depth := l.metric(`queue_depth{class="telemetry"}`); depth != 200 {
					t.Errorf("%v of 200 messages are left", depth)
				}
				broker.Deny.Store(nil)
				l.expectDelivery(l.cloud, l.device)
			})
		}
	}
}
