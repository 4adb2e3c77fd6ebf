package edgetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// commitInterval is how often the cloud commits.
const commitInterval = 10 * time.Millisecond

// Cloud stores messages by key, and acknowledges them after it has stored them.
type Cloud struct {
	client atomic.Pointer[mqtt.Client]

	mu      sync.Mutex
	stored  map[outbox.Key]edgeevents.Message
	arrived []outbox.Key
	pending []outbox.Key
	// received counts duplicates, too.
	received int
	// paused tells that messages are neither stored nor acknowledged.
	paused bool
	// loseOneIn loses one of so many messages, and of so many acknowledgements. 0 loses none.
	loseOneIn int
	random    *rand.Rand
	retained  map[string][]byte
}

// StartCloud subscribes to a broker.
func StartCloud(t testing.TB, address string) *Cloud {
	t.Helper()
	return start(t, "mqtt://"+address, mqtt.TLSFiles{})
}

// StartCloudTLS subscribes to a broker with TLS.
func StartCloudTLS(t testing.TB, address string, files mqtt.TLSFiles) *Cloud {
	t.Helper()
	return start(t, "mqtts://"+address, files)
}

func start(t testing.TB, address string, files mqtt.TLSFiles) *Cloud {
	t.Helper()
	cloud := &Cloud{stored: map[outbox.Key]edgeevents.Message{}, retained: map[string][]byte{}, random: rand.New(rand.NewPCG(1, 2))}
	if err := cloud.connect(t.Context(), address, files); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go cloud.commit(ctx)
	t.Cleanup(func() {
		cancel()
		cloud.client.Load().Close()
	})
	return cloud
}

// Reconnect connects to a broker that was restarted. What is stored stays.
func (c *Cloud) Reconnect(ctx context.Context, address string) error {
	return c.connect(ctx, "mqtt://"+address, mqtt.TLSFiles{})
}

func (c *Cloud) connect(ctx context.Context, address string, files mqtt.TLSFiles) error {
	client, err := mqtt.Connect(ctx, mqtt.Options{Address: address, TLS: files, ClientID: "cloud", OnPublish: c.receive})
	if err != nil {
		return err
	}
	c.client.Store(client)
	refused, err := client.Subscribe(ctx, edgeevents.UpFilter, edgeevents.LossesFilter, edgeevents.ReportedFilter)
	return errors.Join(append(refused, err)...)
}

func (c *Cloud) receive(client *mqtt.Client, packet *packets.Packet) {
	c.store(packet)
	if packet.FixedHeader.Qos > 0 {
		_ = client.Acknowledge(packet.PacketID)
		_ = client.Flush()
	}
}

func (c *Cloud) store(packet *packets.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	message, err := edgeevents.Decode(packet.Payload)
	if err != nil {
		c.retained[packet.TopicName] = packet.Payload
		return
	}
	c.received++
	if c.paused || c.lose() {
		return
	}
	if _, known := c.stored[message.Key]; !known {
		c.stored[message.Key] = message
		c.arrived = append(c.arrived, message.Key)
	}
	c.pending = append(c.pending, message.Key)
}

func (c *Cloud) lose() bool { return c.loseOneIn > 0 && c.random.IntN(c.loseOneIn) == 0 }

// commit acknowledges what was stored, from time to time.
func (c *Cloud) commit(ctx context.Context) {
	for {
		select {
		case <-time.After(commitInterval):
		case <-ctx.Done():
			return
		}
		c.mu.Lock()
		pending := c.pending
		c.pending = nil
		lost := c.lose()
		c.mu.Unlock()
		if lost {
			continue
		}
		type stream struct {
			node, class string
			epoch       outbox.Epoch
		}
		sequences := map[stream][]uint64{}
		for _, key := range pending {
			of := stream{key.Node, key.Class, key.Epoch}
			sequences[of] = append(sequences[of], key.Sequence)
		}
		for of, each := range sequences {
			payload, err := edgeevents.Acknowledgement{Epoch: of.epoch, Ranges: ranges(each)}.Encode()
			if err != nil {
				panic(err)
			}
			c.Publish(edgeevents.AckTopic(of.node, of.class), payload, false)
		}
	}
}

func ranges(sequences []uint64) (joined []outbox.Range) {
	slices.Sort(sequences)
	for _, each := range slices.Compact(sequences) {
		if last := len(joined) - 1; last >= 0 && joined[last].Last+1 == each {
			joined[last].Last = each
		} else {
			joined = append(joined, outbox.Range{First: each, Last: each})
		}
	}
	return joined
}

// Publish publishes a message with QoS 1.
func (c *Cloud) Publish(topic string, payload []byte, retain bool) {
	client := c.client.Load()
	_ = client.Publish(&packets.Packet{
		FixedHeader: packets.FixedHeader{Qos: 1, Retain: retain}, TopicName: topic, PacketID: client.NextID(), Payload: payload,
	})
	_ = client.Flush()
}

// Pause stops or resumes storing and acknowledging.
func (c *Cloud) Pause(paused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = paused
}

// Lose loses one of so many messages and acknowledgements.
func (c *Cloud) Lose(oneIn int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loseOneIn = oneIn
}

// Stored returns the stored messages, in the order of their arrival.
func (c *Cloud) Stored() (messages []edgeevents.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.arrived {
		messages = append(messages, c.stored[key])
	}
	return messages
}

// Count returns how many messages are stored, and how many arrived with their repetitions.
func (c *Cloud) Count() (stored, received int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.stored), c.received
}

// Retained returns the latest payload of a topic of reports.
func (c *Cloud) Retained(topic string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.retained[topic]
}

// Check compares what was stored with what was promised to devices.
func (c *Cloud) Check(promised []string) error { return CheckDelivery(c.Stored(), promised) }

// CheckDelivery compares stored messages with what was promised to devices: each promised message is stored under one key, and
// the messages of each device are in order, by class, epoch and sequence. Texts are "<device> <number>".
func CheckDelivery(messages []edgeevents.Message, promised []string) error {
	slices.SortFunc(messages, func(a, b edgeevents.Message) int {
		return cmp.Or(cmp.Compare(a.Key.Class, b.Key.Class), cmp.Compare(a.Key.Epoch.Number, b.Key.Epoch.Number), cmp.Compare(a.Key.Sequence, b.Key.Sequence))
	})
	found := map[string]int{}
	last := map[string]int{}
	for _, each := range messages {
		var device string
		var number int
		if _, err := fmt.Sscanf(string(each.Data), `"%s %d"`, &device, &number); err != nil {
			return fmt.Errorf("%s: %s: %w", each.Key, each.Data, err)
		}
		found[string(each.Data)]++
		if before, known := last[device]; known && number <= before {
			return fmt.Errorf("%s: message %d of %s comes after %d", each.Key, number, device, before)
		}
		last[device] = number
	}
	for text, count := range found {
		if count > 1 {
			return fmt.Errorf("%s is stored %d times", text, count)
		}
	}
	for _, each := range promised {
		if found[each] == 0 {
			return fmt.Errorf("%s was acknowledged and is not stored", each)
		}
	}
	return nil
}
