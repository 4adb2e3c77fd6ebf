package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

type drained struct {
	Messages   int     `json:"messages"`
	Duplicates int     `json:"duplicates"`
	Seconds    float64 `json:"seconds"`
	PerSecond  float64 `json:"perSecond"`
}

// runCloud acknowledges every 10 ms what arrived, until it has so many messages. Its time begins with the first one.
func runCloud(broker string, messages int) (drained, error) {
	var mu sync.Mutex
	var began time.Time
	seen := map[outbox.Key]bool{}
	duplicates := 0
	var pending []outbox.Key
	client, err := connect(broker, "cloud", 0, mqtt.Options{OnPublish: func(client *mqtt.Client, packet *packets.Packet) {
		message, err := edgeevents.Decode(packet.Payload)
		_ = client.Acknowledge(packet.PacketID)
		_ = client.Flush()
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if began.IsZero() {
			began = time.Now()
		}
		if seen[message.Key] {
			duplicates++
		}
		seen[message.Key] = true
		pending = append(pending, message.Key)
	}})
	if err != nil {
		return drained{}, err
	}
	defer client.Close()
	if _, err := client.Subscribe(context.Background(), edgeevents.UpFilter); err != nil {
		return drained{}, err
	}
	for {
		time.Sleep(10 * time.Millisecond)
		mu.Lock()
		keys, count, since := pending, len(seen), time.Since(began).Seconds()
		pending = nil
		mu.Unlock()
		if err := acknowledge(client, keys); err != nil {
			return drained{}, err
		}
		if count >= messages {
			return drained{Messages: count, Duplicates: duplicates, Seconds: since, PerSecond: float64(count) / since}, nil
		}
	}
}

// acknowledge acknowledges messages of one node and class, in their order.
func acknowledge(client *mqtt.Client, keys []outbox.Key) error {
	slices.SortFunc(keys, func(a, b outbox.Key) int { return int(int64(a.Sequence) - int64(b.Sequence)) })
	byEpoch := map[outbox.Epoch][]outbox.Range{}
	for _, key := range keys {
		ranges := byEpoch[key.Epoch]
		switch last := len(ranges) - 1; {
		case last >= 0 && ranges[last].Last == key.Sequence:
		case last >= 0 && ranges[last].Last+1 == key.Sequence:
			ranges[last].Last = key.Sequence
		default:
			byEpoch[key.Epoch] = append(ranges, outbox.Range{First: key.Sequence, Last: key.Sequence})
		}
	}
	for epoch, ranges := range byEpoch {
		payload, err := edgeevents.Acknowledgement{Epoch: epoch, Ranges: ranges}.Encode()
		if err != nil {
			return err
		}
		if err := client.Publish(&packets.Packet{
			FixedHeader: packets.FixedHeader{Qos: 1}, TopicName: edgeevents.AckTopic(keys[0].Node, keys[0].Class), PacketID: client.NextID(), Payload: payload,
		}); err != nil {
			return err
		}
	}
	return client.Flush()
}
