package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

const (
	// brokerSessionExpiry is how long the devices' broker keeps messages while the agent is not connected.
	brokerSessionExpiry = 7 * 24 * time.Hour
	// stableConnection is the age of a connection after which the next attempt to connect comes soon.
	stableConnection = time.Minute
	connectTimeout   = 30 * time.Second
)

// Subscriber takes the messages of devices from their broker.
type Subscriber struct {
	Keeper *Keeper
	// Connect opens a connection to the broker. It adds to the options who the agent is.
	Connect    func(ctx context.Context, options mqtt.Options) (*mqtt.Client, error)
	MaxBackoff time.Duration
	Logger     *slog.Logger
	Counts     *Counts
}

// taken is a message that waits for the disk.
type taken struct {
	id  uint16
	qos byte
	// reserved tells that the topic is one of Skerry's own, which a wide filter matches. The message is passed over.
	reserved      bool
	responseTopic string
	correlation   []byte
	pending       *outbox.PendingAppend
	err           error
}

// Answer is what a device that used request and response learns about its message.
type Answer struct {
	// Kept tells that the message is on disk, and will be delivered.
	Kept bool `json:"kept"`
	// Key is that of the kept message.
	Key string `json:"key,omitempty"`
	// Reason is why the message was not kept: Full, TooLarge, NoRoute, Invalid or Disk.
	Reason string `json:"reason,omitempty"`
}

// Run takes messages until the context ends.
func (s *Subscriber) Run(ctx context.Context) {
	backoff := mqtt.Backoff{Max: s.MaxBackoff}
	for ctx.Err() == nil {
		began := time.Now()
		err := s.session(ctx)
		s.Counts.BrokerConnected.Store(false)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > stableConnection {
			backoff.Reset()
		}
		wait := backoff.Next()
		s.Logger.Warn("not subscribed to the devices' broker", "err", err.Error(), "retryIn", wait.Round(time.Millisecond).String())
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

func (s *Subscriber) session(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	messages := make(chan taken, receiveMaximum)
	connecting, connected := context.WithTimeout(ctx, connectTimeout)
	defer connected()
	client, err := s.Connect(connecting, mqtt.Options{
		SessionExpiry: brokerSessionExpiry, ReceiveMaximum: receiveMaximum,
		OnPublish: func(_ *mqtt.Client, packet *packets.Packet) {
			select {
			case messages <- s.take(packet):
			case <-ctx.Done():
			}
		},
	})
	if err != nil {
		return err
	}
	// Callbacks end with the context, and Close waits for them.
	defer client.Close()
	defer context.AfterFunc(ctx, client.Close)()
	defer cancel(nil)
	var acknowledging sync.WaitGroup
	defer acknowledging.Wait()
	acknowledging.Go(func() { cancel(s.acknowledge(ctx, client, messages)) })
	refused, err := client.Subscribe(connecting, s.Keeper.filters()...)
	if err != nil {
		cancel(err)
		return err
	}
	for _, each := range refused {
		if each != nil {
			cancel(each)
			return each
		}
	}
	s.Counts.BrokerConnected.Store(true)
	s.Logger.Info("subscribed to the devices' broker", "address", client.RemoteAddr())
	select {
	case <-client.Done():
		err = client.Err()
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	cancel(err)
	return err
}

func (s *Subscriber) take(packet *packets.Packet) taken {
	message := taken{
		id: packet.PacketID, qos: packet.FixedHeader.Qos,
		reserved:      strings.HasPrefix(packet.TopicName, reservedPrefix),
		responseTopic: packet.Properties.ResponseTopic, correlation: packet.Properties.CorrelationData,
	}
	if message.reserved {
		return message
	}
	message.pending, message.err = s.Keeper.Keep(packet.TopicName, packet.Payload, packet.Properties.ContentType)
	return message
}

// acknowledge waits for the disk and acknowledges messages, in their order. A message that may be kept later is not
// acknowledged: the connection ends, and the broker sends it again.
func (s *Subscriber) acknowledge(ctx context.Context, client *mqtt.Client, messages <-chan taken) error {
	for {
		var message taken
		select {
		case message = <-messages:
		case <-client.Done():
			return client.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
		if !message.reserved {
			if err := s.settle(ctx, client, message); err != nil {
				return err
			}
		}
		if message.qos > 0 {
			if err := client.Acknowledge(message.id); err != nil {
				return err
			}
		}
		if len(messages) == 0 {
			if err := client.Flush(); err != nil {
				return err
			}
		}
	}
}

// settle waits for the disk and tells the device, if it asked. It returns an error if the message must not be acknowledged.
func (s *Subscriber) settle(ctx context.Context, client *mqtt.Client, message taken) error {
	key, err := outbox.Key{}, message.err
	if err == nil {
		key, err = message.pending.Wait(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		s.Counts.Kept.Add(1)
	} else if reason := refusalOf(err).Name; s.Counts.refuse(reason) {
		s.Logger.Error("a message of the devices' broker was refused", "reason", reason, "err", err.Error())
	}
	if failure := s.respond(client, message, key, err); failure != nil {
		return failure
	}
	if err != nil && message.qos > 0 && !refusalOf(err).Permanent {
		_ = client.Flush()
		return fmt.Errorf("a message cannot be kept now: %w", err)
	}
	return nil
}

// respond answers a device that used request and response. Without an answer nothing is promised, so QoS 0 suffices.
func (s *Subscriber) respond(client *mqtt.Client, message taken, key outbox.Key, err error) error {
	topic := message.responseTopic
	// Otherwise a device could let the agent publish what it may not publish itself.
	if topic == "" || strings.HasPrefix(topic, reservedPrefix) || strings.HasPrefix(topic, "$") || strings.ContainsAny(topic, "+#") {
		return nil
	}
	answer := Answer{Kept: err == nil}
	if err == nil {
		answer.Key = key.String()
	} else {
		answer.Reason = refusalOf(err).Name
	}
	// A struct of texts has no error.
	payload, _ := json.Marshal(answer)
	return client.Publish(&packets.Packet{
		TopicName: topic, Payload: payload,
		Properties: packets.Properties{CorrelationData: message.correlation, ContentType: "application/json"},
	})
}
