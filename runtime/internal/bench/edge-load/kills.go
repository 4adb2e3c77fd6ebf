package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// numbers are the messages of one device, which are numbered.
type numbers struct {
	Numbers []int `json:"numbers"`
}

// promise publishes 5,000 numbered messages per second until the broker is killed, and returns those that it acknowledged.
func promise(broker string) (numbers, error) {
	var mu sync.Mutex
	sent := map[uint16]int{}
	result := numbers{Numbers: []int{}}
	client, err := connect(broker, "promised", 0, mqtt.Options{OnAcknowledged: func(id uint16, _ byte) {
		mu.Lock()
		defer mu.Unlock()
		result.Numbers = append(result.Numbers, sent[id])
		delete(sent, id)
	}})
	if err != nil {
		return result, err
	}
	defer client.Close()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for number := 0; ; {
		select {
		case <-ticker.C:
		case <-client.Done():
			mu.Lock()
			defer mu.Unlock()
			return result, nil
		}
		for range 50 {
			id := client.NextID()
			mu.Lock()
			sent[id] = number
			mu.Unlock()
			_ = client.Publish(&packets.Packet{FixedHeader: packets.FixedHeader{Qos: 1}, TopicName: topic, PacketID: id, Payload: strconv.AppendInt(nil, int64(number), 10)})
			number++
		}
		_ = client.Flush()
	}
}

// collect returns the numbered messages that a broker still delivers, to the absent subscriber or from an agent.
func collect(broker string, quiet time.Duration) (numbers, error) {
	var mu sync.Mutex
	seen := map[int]bool{}
	latest := time.Now()
	client, err := connect(broker, "absent", 24*time.Hour, mqtt.Options{OnPublish: func(client *mqtt.Client, packet *packets.Packet) {
		payload := packet.Payload
		if strings.HasPrefix(packet.TopicName, "skerry/") {
			message, err := edgeevents.Decode(payload)
			if err != nil {
				return
			}
			payload = message.Data
			_ = acknowledge(client, []outbox.Key{message.Key})
		}
		if number, err := strconv.Atoi(string(payload)); err == nil {
			mu.Lock()
			seen[number] = true
			latest = time.Now()
			mu.Unlock()
		}
		_ = client.Acknowledge(packet.PacketID)
		_ = client.Flush()
	}})
	if err != nil {
		return numbers{}, err
	}
	defer client.Close()
	refused, err := client.Subscribe(context.Background(), topic, edgeevents.UpFilter)
	if err := errors.Join(append(refused, err)...); err != nil {
		return numbers{}, err
	}
	for {
		time.Sleep(quiet / 10)
		mu.Lock()
		if time.Since(latest) > quiet {
			result := numbers{Numbers: []int{}}
			for number := range seen {
				result.Numbers = append(result.Numbers, number)
			}
			mu.Unlock()
			return result, nil
		}
		mu.Unlock()
	}
}
