package uplink

import (
	"fmt"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// confirm handles PUBACK.
func (u *Uplink) confirm(id uint16, reason byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	message, known := u.unconfirmed[id]
	if !known {
		return
	}
	delete(u.unconfirmed, id)
	u.confirmedAt = time.Now()
	defer u.signal()
	s := message.stream
	if s == nil {
		if reason >= 0x80 {
			u.Logger.Error("the broker refuses a report", "reason", mqtt.ReasonName(reason))
		}
		return
	}
	if reason >= 0x80 {
		if !s.refused {
			u.Logger.Error("the broker refused a message", "class", s.name, "topic", s.topic, "reason", mqtt.ReasonName(reason))
		}
		s.refused = true
		s.counts.refused.Add(1)
		return
	}
	if sent := s.window.flights[message.sequence]; sent != nil {
		sent.received = true
	}
	if !s.refused {
		s.pause.Reset()
	}
}

// receive handles what the cloud sends.
func (u *Uplink) receive(client *mqtt.Client, message *packets.Packet) {
	if err := u.handle(message); err != nil {
		u.Logger.Error("a message from the cloud is invalid", "topic", message.TopicName, "err", err.Error())
	}
	if message.FixedHeader.Qos == 1 {
		_ = client.Acknowledge(message.PacketID)
		_ = client.Flush()
	}
}

func (u *Uplink) handle(message *packets.Packet) error {
	if message.TopicName == edgeevents.ConfigTopic(u.Node) {
		u.OnConfig(message.Payload)
		return nil
	}
	node, class, err := edgeevents.ParseAckTopic(message.TopicName)
	if err != nil {
		return err
	}
	s := u.byName[class]
	if node != u.Node || s == nil {
		return fmt.Errorf("it is for the class %s of the node %s", class, node)
	}
	acknowledgement, err := edgeevents.DecodeAcknowledgement(message.Payload)
	if err != nil {
		return err
	}
	s.acknowledgements.add(acknowledgement.Epoch, acknowledgement.Ranges)
	now := time.Now()
	u.counts.lastAcknowledgement.Store(now.UnixNano())
	u.progress.Store(true)
	u.mu.Lock()
	for _, each := range acknowledgement.Ranges {
		s.window.acknowledge(now, acknowledgement.Epoch, each)
	}
	u.mu.Unlock()
	u.signal()
	return nil
}
