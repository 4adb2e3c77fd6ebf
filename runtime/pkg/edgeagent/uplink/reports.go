package uplink

import (
	"bytes"
	"slices"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// reports publishes, retained, which configuration is in force and which messages will never arrive.
type reports struct {
	uplink   *Uplink
	reported []byte
	losses   map[*stream][]outbox.Loss
}

func newReports(u *Uplink) *reports {
	return &reports{uplink: u, losses: map[*stream][]outbox.Loss{}}
}

// publish publishes what changed since the last time, or all of it.
func (r *reports) publish(client *mqtt.Client, all bool) error {
	u := r.uplink
	if u.Reported != nil {
		if reported := u.Reported(); all || !bytes.Equal(reported, r.reported) {
			r.reported = reported
			if err := r.send(client, edgeevents.ReportedTopic(u.Node), reported); err != nil {
				return err
			}
		}
	}
	for _, s := range u.streams {
		losses := s.queue.Metrics().Losses
		if len(losses) == 0 || !all && slices.Equal(losses, r.losses[s]) {
			continue
		}
		r.losses[s] = losses
		payload, err := edgeevents.Losses{Losses: losses}.Encode()
		if err != nil {
			u.Logger.Error("failed to report losses", "class", s.name, "err", err.Error())
			continue
		}
		if err := r.send(client, edgeevents.LossesTopic(u.Node, s.name), payload); err != nil {
			return err
		}
	}
	return client.Flush()
}

func (r *reports) send(client *mqtt.Client, topic string, payload []byte) error {
	r.uplink.mu.Lock()
	id := r.uplink.register(client, unconfirmed{})
	r.uplink.mu.Unlock()
	return client.Publish(&packets.Packet{FixedHeader: packets.FixedHeader{Qos: 1, Retain: true}, TopicName: topic, PacketID: id, Payload: payload})
}
