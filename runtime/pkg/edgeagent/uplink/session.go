package uplink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
)

const (
	// checkInterval is how often overdue messages and new losses are looked for.
	checkInterval = time.Second
	// connectTimeout limits connecting, introducing and subscribing.
	connectTimeout = 30 * time.Second
)

var errUnconfirmed = errors.New("the broker confirms no message")

// session connects and sends until the connection ends.
func (u *Uplink) session(ctx context.Context) error {
	connecting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	client, err := u.Connect(connecting, mqtt.Options{
		SessionExpiry: sessionExpiry, OnPublish: u.receive, OnAcknowledged: u.confirm,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	// A write to a dead link would wait for its timeout.
	defer context.AfterFunc(ctx, client.Close)()
	if err := u.subscribe(connecting, client); err != nil {
		return err
	}
	cancel()
	// What is not recorded yet would be sent again.
	u.record()
	u.mu.Lock()
	u.unconfirmed = map[uint16]unconfirmed{}
	u.confirmedAt = time.Now()
	for _, s := range u.streams {
		s.refused = false
		s.pausedUntil = time.Time{}
		s.restart()
	}
	u.mu.Unlock()
	u.counts.connected.Store(true)
	u.Logger.Info("connected to the broker", "address", client.RemoteAddr())
	return u.send(ctx, client)
}

// subscribe asks for acknowledgements and for the desired state. Without acknowledgements there is no point in sending.
func (u *Uplink) subscribe(ctx context.Context, client *mqtt.Client) error {
	filters := []string{}
	for _, s := range u.streams {
		filters = append(filters, edgeevents.AckTopic(u.Node, s.name))
	}
	if u.OnConfig != nil {
		filters = append(filters, edgeevents.ConfigTopic(u.Node))
	}
	refused, err := client.Subscribe(ctx, filters...)
	if err != nil {
		return err
	}
	if err := errors.Join(refused[:len(u.streams)]...); err != nil {
		return err
	}
	if u.OnConfig != nil && refused[len(u.streams)] != nil {
		u.Logger.Error("the desired state cannot be received", "err", refused[len(u.streams)].Error())
	}
	return nil
}

// send sends until the connection or the context ends.
func (u *Uplink) send(ctx context.Context, client *mqtt.Client) error {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	share := newShare(u.delivery.BacklogPercent)
	reports := newReports(u)
	if err := reports.publish(client, true); err != nil {
		return err
	}
	for {
		sent, err := u.sendNext(client, share)
		if err != nil {
			return err
		}
		if sent && ctx.Err() == nil {
			select {
			case <-ticker.C:
			default:
				continue
			}
		} else {
			if err := client.Flush(); err != nil {
				return err
			}
			select {
			case <-u.wake:
				continue
			case <-u.Changed:
			case <-ticker.C:
			case <-client.Done():
				return client.Err()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := u.check(client); err != nil {
			return err
		}
		if err := reports.publish(client, false); err != nil {
			return err
		}
	}
}

// check queues the messages whose acknowledgement is overdue.
func (u *Uplink) check(client *mqtt.Client) error {
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.unconfirmed) == 0 {
		u.confirmedAt = now
	}
	if now.Sub(u.confirmedAt) > u.delivery.ResendAfter {
		return errUnconfirmed
	}
	for _, s := range u.streams {
		for lane, sequences := range s.window.overdue(now) {
			s.overdue[lane] = append(s.overdue[lane], sequences...)
		}
		if s.refused {
			s.refused = false
			s.restart()
			wait := s.pause.Next()
			s.pausedUntil = now.Add(wait)
			u.Logger.Error("the broker refuses the messages of a class; retrying", "class", s.name, "retryIn", wait.Round(time.Millisecond).String())
		}
	}
	return nil
}

// sendNext sends one message, and returns false if none may be sent now.
func (u *Uplink) sendNext(client *mqtt.Client, share *share) (bool, error) {
	now := time.Now()
	for _, s := range u.streams {
		if now.Before(s.pausedUntil) {
			continue
		}
		for _, lane := range lanes {
			if err := s.fill(lane, u.stateOf(s)); err != nil {
				u.Logger.Error("failed to read messages; retrying", "class", s.name, "err", err.Error())
				s.pausedUntil = now.Add(readRetry)
			}
			u.skipOversized(client, s, lane)
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

// skipOversized passes over a message that the broker does not accept. It stays in the outbox.
func (u *Uplink) skipOversized(client *mqtt.Client, s *stream, lane Lane) {
	const overhead = 64
	next := s.next[lane]
	if next == nil || client.MaxPacketBytes == 0 || len(next.payload)+len(s.topic)+overhead <= client.MaxPacketBytes {
		return
	}
	s.next[lane] = nil
	s.counts.oversized.Add(1)
	u.Logger.Error("a message exceeds what the broker accepts", "key", next.key.String(), "bytes", len(next.payload), "maximum", client.MaxPacketBytes)
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
		epoch: message.key.Epoch, bytes: len(message.payload), lane: lane, attempts: attempts,
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
	u.acknowledgements[class].add(acknowledgement.Epoch, acknowledgement.Ranges)
	u.counts.lastAcknowledgement.Store(time.Now().UnixNano())
	u.progress.Store(true)
	u.mu.Lock()
	for _, each := range acknowledgement.Ranges {
		s.window.acknowledge(acknowledgement.Epoch, each)
	}
	u.mu.Unlock()
	u.signal()
	return nil
}
