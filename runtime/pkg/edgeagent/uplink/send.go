package uplink

import (
	"slices"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// packetOverhead is the room for the header and the properties of a packet.
const packetOverhead = 64

// sendNext sends one message, and returns false if none may be sent now.
func (u *Uplink) sendNext(client *mqtt.Client, share *share) (bool, error) {
	now := time.Now()
	for _, s := range u.streams {
		if now.Before(s.pausedUntil) {
			continue
		}
		for _, lane := range lanes {
			if err := u.fill(client, s, lane); err != nil {
				u.Logger.Error("failed to read messages; retrying", "class", s.name, "err", err.Error())
				s.pausedUntil = now.Add(readRetry)
			}
		}
	}
	u.mu.Lock()
	for _, s := range u.streams {
		s.prune()
	}
	if len(u.unconfirmed) >= client.ReceiveMaximum {
		u.mu.Unlock()
		return false, nil
	}
	var waiting [len(lanes)]bool
	for _, lane := range lanes {
		waiting[lane] = u.choose(lane, now) != nil
	}
	lane, ok := share.choose(waiting)
	if !ok {
		u.mu.Unlock()
		return false, nil
	}
	s := u.choose(lane, now)
	id, message := u.launch(client, s, lane, now)
	u.mu.Unlock()
	u.rotate(s)
	share.serve(lane, len(message.payload))
	s.counts.sent[lane].Add(1)
	if message.again {
		s.counts.resent.Add(1)
	}
	return true, client.Publish(&packets.Packet{
		FixedHeader: packets.FixedHeader{Qos: 1}, TopicName: s.topic, PacketID: id, Payload: message.payload,
		Properties: packets.Properties{ContentType: edgeevents.ContentType},
	})
}

// stateOf returns what the window of a stream knows about a message.
func (u *Uplink) stateOf(s *stream) isInFlight {
	return func(sequence uint64) (bool, bool) {
		u.mu.Lock()
		defer u.mu.Unlock()
		sent := s.window.flights[sequence]
		return sent != nil, sent != nil && sent.queued
	}
}

// fill reads the next messages of a lane. It passes over those that the broker does not accept: they stay in the outbox.
func (u *Uplink) fill(client *mqtt.Client, s *stream, lane Lane) error {
	for {
		if err := s.fill(lane, u.stateOf(s)); err != nil {
			return err
		}
		next := s.next[lane]
		if next == nil || client.MaxPacketBytes == 0 || len(next.payload)+len(s.topic)+packetOverhead <= client.MaxPacketBytes {
			return nil
		}
		s.next[lane] = nil
		s.counts.oversized.Add(1)
		u.Logger.Error("a message exceeds what the broker accepts", "key", next.key.String(), "bytes", len(next.payload), "maximum", client.MaxPacketBytes)
	}
}

// choose returns the first stream that may send in a lane, or nil. mu must be held.
func (u *Uplink) choose(lane Lane, now time.Time) *stream {
	for _, s := range u.order {
		next := s.first(lane)
		if next == nil || s.refused || now.Before(s.pausedUntil) {
			continue
		}
		if next.again || s.window.fits(len(next.payload)) {
			return s
		}
	}
	return nil
}

// rotate lets the other streams send first.
func (u *Uplink) rotate(served *stream) {
	index := slices.Index(u.order, served)
	copy(u.order[index:], u.order[index+1:])
	u.order[len(u.order)-1] = served
}

// launch records that the next message of a lane is in flight. mu must be held.
func (u *Uplink) launch(client *mqtt.Client, s *stream, lane Lane, now time.Time) (uint16, *outgoing) {
	message := s.take(lane)
	sequence := message.key.Sequence
	attempts := 1
	if before := s.window.flights[sequence]; before != nil {
		attempts = before.attempts + 1
		s.window.remove(sequence)
	}
	s.window.add(sequence, &flight{
		epoch: message.key.Epoch, bytes: len(message.payload), lane: lane, attempts: attempts, sent: now,
		due: resendTime(now, attempts, u.delivery.ResendAfter, u.delivery.MaxResendAfter),
	})
	return u.register(client, unconfirmed{s, sequence}), message
}

// register returns a packet identifier for a message that waits for PUBACK. mu must be held.
func (u *Uplink) register(client *mqtt.Client, message unconfirmed) uint16 {
	if len(u.unconfirmed) == 0 {
		u.confirmedAt = time.Now()
	}
	for {
		id := client.NextID()
		if _, used := u.unconfirmed[id]; !used {
			u.unconfirmed[id] = message
			return id
		}
	}
}
