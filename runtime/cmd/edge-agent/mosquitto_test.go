package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/relay"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// newMosquitto starts a broker that drops no message for a client that is away.
func newMosquitto(t *testing.T, lines ...string) *brokertest.Mosquitto {
	t.Helper()
	return brokertest.StartMosquitto(t, append(lines, "max_queued_messages 0")...)
}

// relayFrom returns the settings of an agent that subscribes to a broker.
func relayFrom(broker *brokertest.Mosquitto, version string) string {
	return fmt.Sprintf(`, "broker": {"address": %q, "protocol": %q, "maxBackoff": "1s"}`, broker.URL(), version)
}

// TestMosquittoStaysTheDevicesBroker lets devices publish to Mosquitto, and kills the agent again and again. What Mosquitto
// still holds arrives: it gets PUBACK when a message is on disk.
func TestMosquittoStaysTheDevicesBroker(t *testing.T) {
	for _, version := range []string{"5", "3.1.1"} {
		t.Run(version, func(t *testing.T) {
			random := programtest.RandomOf(t)
			local := newMosquitto(t)
			broker := edgetest.StartBroker(t, nil)
			cloud := edgetest.StartCloud(t, broker.Address)
			a := newAgent(t, settings{uplink: broker.Address, moreRelay: relayFrom(local, version)})
			a.start()
			a.eventually("the agent subscribes", func() bool { return a.metric("relay_broker_connected") == 1 })
			device := &edgetest.Device{Name: "a"}
			if err := device.Connect(context.Background(), local.Address()); err != nil {
				t.Fatal(err)
			}
			for range 10 {
				time.AfterFunc(time.Duration(random.IntN(100))*time.Millisecond, func() { _ = a.process.Process.Kill() })
				for range 100 {
					if reason, err := device.Send()(); err != nil || reason >= 0x80 {
						t.Fatalf("mosquitto answered 0x%02x, %v", reason, err)
					}
				}
				<-a.exited
				a.start()
			}
			a.eventually("everything is kept", func() bool {
				stored, _ := cloud.Count()
				return stored >= len(device.Promised())
			})
			checkAtLeastOnce(t, a, cloud, device)
		})
	}
}

// checkAtLeastOnce checks that each message arrived. Mosquitto sends a message again if the agent was killed between its
// fsync and its PUBACK, and then it has two keys: between device and outbox, MQTT promises at least once.
func checkAtLeastOnce(t *testing.T, a *agent, cloud *edgetest.Cloud, device *edgetest.Device) {
	t.Helper()
	a.eventually("everything is acknowledged", func() bool { return a.metric(`queue_depth{class="telemetry"}`) == 0 })
	found := map[string]int{}
	for _, each := range cloud.Stored() {
		found[string(each.Data)]++
	}
	repeated := 0
	for _, each := range device.Promised() {
		if found[each] == 0 {
			t.Errorf("%s did not arrive", each)
		}
		repeated += found[each] - 1
	}
	t.Logf("%d messages, %d of them repeated by mosquitto", len(device.Promised()), repeated)
	if repeated > 10*64 {
		t.Errorf("%d messages were repeated, want at most those in flight at ten kills", repeated)
	}
}

// TestRequestAndResponse lets a device behind Mosquitto ask whether its message is on disk.
func TestRequestAndResponse(t *testing.T) {
	local := newMosquitto(t)
	broker := edgetest.StartBroker(t, nil)
	edgetest.StartCloud(t, broker.Address)
	a := newAgent(t, settings{
		uplink: broker.Address, moreRelay: relayFrom(local, "5"), classes: `{"name": "telemetry", "maxBytes": "64Mi", "maxMessageBytes": "1Ki"}`,
	})
	a.start()
	a.eventually("the agent subscribes", func() bool { return a.metric("relay_broker_connected") == 1 })

	type response struct {
		answer      relay.Answer
		correlation string
	}
	responses := make(chan response, 10)
	device, err := mqtt.Connect(t.Context(), mqtt.Options{
		Address: "mqtt://" + local.Address(), ClientID: "asking",
		OnPublish: func(_ *mqtt.Client, packet *packets.Packet) {
			var answer relay.Answer
			if err := json.Unmarshal(packet.Payload, &answer); err != nil {
				t.Error(err)
			}
			responses <- response{answer, string(packet.Properties.CorrelationData)}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	if _, err := device.Subscribe(t.Context(), "answers/asking", "skerry/#"); err != nil {
		t.Fatal(err)
	}
	ask := func(payload, responseTopic, correlation string) {
		if err := device.Publish(&packets.Packet{
			FixedHeader: packets.FixedHeader{Qos: 1}, TopicName: "devices/asking", PacketID: device.NextID(), Payload: []byte(payload),
			Properties: packets.Properties{ResponseTopic: responseTopic, CorrelationData: []byte(correlation)},
		}); err != nil {
			t.Fatal(err)
		}
		if err := device.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(correlation string, kept bool, reason string) {
		t.Helper()
		select {
		case got := <-responses:
			if got.correlation != correlation || got.answer.Kept != kept || got.answer.Reason != reason || kept != strings.HasPrefix(got.answer.Key, "gateway-3/telemetry/") {
				t.Errorf("got %+v", got)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no answer came")
		}
	}
	ask("one", "answers/asking", "1")
	expect("1", true, "")
	ask(strings.Repeat("x", 2000), "answers/asking", "2")
	expect("2", false, "TooLarge")
	// The agent may publish on these topics and the device may not.
	ask("three", "skerry/v1/config/other", "3")
	ask("four", "answers/asking", "4")
	expect("4", true, "")
}

// TestMosquittoIsTheCloudsBroker sends through Mosquitto, with both versions of the protocol, and restarts of the agent.
func TestMosquittoIsTheCloudsBroker(t *testing.T) {
	for _, version := range []string{"5", "3.1.1"} {
		t.Run(version, func(t *testing.T) {
			broker := newMosquitto(t)
			l := &link{cloud: edgetest.StartCloud(t, broker.Address()), device: &edgetest.Device{Name: "a"}}
			l.agent = newAgent(t, settings{uplink: broker.Address(), moreUplink: `, "protocol": "` + version + `"`})
			for range 3 {
				l.start()
				l.connect(l.device)
				l.publish(500)
				l.kill()
			}
			l.start()
			l.expectDelivery(l.cloud, l.device)
		})
	}
}

// TestTheCloudsBrokerIsKilled kills Mosquitto, which keeps its messages in memory, while messages pass through it. What it
// acknowledged to the agent and lost is sent again.
func TestTheCloudsBrokerIsKilled(t *testing.T) {
	random := programtest.RandomOf(t)
	rounds := 20
	if testing.Short() {
		rounds = 4
	}
	broker := newMosquitto(t)
	l := &link{cloud: edgetest.StartCloud(t, broker.Address()), device: &edgetest.Device{Name: "a"}}
	l.agent = newAgent(t, settings{uplink: broker.Address()})
	l.start()
	l.connect(l.device)
	stop := make(chan struct{})
	var publishing sync.WaitGroup
	publishing.Go(func() { publishSteadily(l.device, stop) })
	for range rounds {
		time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
		broker.Kill()
		broker.Run(t)
		l.eventually("the cloud connects again", func() bool { return l.cloud.Reconnect(t.Context(), broker.Address()) == nil })
	}
	close(stop)
	publishing.Wait()
	l.expectDelivery(l.cloud, l.device)
}

// TestBrokerThatAcceptsOnlySmallMessages lets a broker state a limit that some messages exceed. They wait, and the others
// pass.
func TestBrokerThatAcceptsOnlySmallMessages(t *testing.T) {
	broker := newMosquitto(t, "max_packet_size 2000")
	l := &link{cloud: edgetest.StartCloud(t, broker.Address()), device: &edgetest.Device{Name: "a"}}
	l.agent = newAgent(t, settings{uplink: broker.Address()})
	l.start()
	l.connect(l.device)
	large := `"` + strings.Repeat("x", 3000) + `"`
	for range 3 {
		l.await([]func() (byte, error){l.device.SendText(large)})
		l.publish(100)
	}
	l.eventually("the small messages are acknowledged", func() bool { return l.metric(`queue_depth{class="telemetry"}`) == 3 })
	if counted := l.metric(`broker_oversized_total{class="telemetry"}`); counted != 3 {
		t.Errorf("%v large messages are counted, want 3", counted)
	}
	if stored, _ := l.cloud.Count(); stored != 300 {
		t.Errorf("%d messages are stored, want 300", stored)
	}
}

// TestOneBrokerForDevicesAndTheCloud subscribes with the widest filter to the broker that also takes the agent's own
// messages. They must not come back into the outbox.
func TestOneBrokerForDevicesAndTheCloud(t *testing.T) {
	broker := newMosquitto(t)
	l := &link{cloud: edgetest.StartCloud(t, broker.Address()), device: &edgetest.Device{Name: "a"}}
	l.agent = newAgent(t, settings{uplink: broker.Address(), moreRelay: relayFrom(broker, "5"), filter: "#"})
	l.start()
	l.eventually("the agent subscribes", func() bool { return l.metric("relay_broker_connected") == 1 })
	if err := l.device.Connect(t.Context(), broker.Address()); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := l.device.Send()(); err != nil {
			t.Fatal(err)
		}
	}
	l.eventually("everything is kept", func() bool { return l.metric("relay_kept_total") == 200 })
	l.expectDelivery(l.cloud, l.device)
	if appended := l.metric(`messages_appended_total{class="telemetry"}`); appended != 200 {
		t.Errorf("%v messages were kept, want 200", appended)
	}
	if _, body := l.get("/metrics"); strings.Contains(body, "relay_refused_total{") {
		t.Error("the agent's own messages are counted as refused")
	}
}
