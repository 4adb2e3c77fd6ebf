package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

const topic = "devices/load"

type rate struct {
	Messages  int64   `json:"messages"`
	PerSecond float64 `json:"perSecond"`
	// MedianMs is the median time from publishing to the acknowledgement.
	MedianMs float64 `json:"medianMs"`
}

func connect(broker, client string, session time.Duration, options mqtt.Options) (*mqtt.Client, error) {
	options.Address = "mqtt://" + broker
	// All brokers speak MQTT 3.1.1.
	options.Version, options.ClientID, options.KeepAlive, options.SessionExpiry = mqtt.Version311, client, time.Minute, session
	return mqtt.Connect(context.Background(), options)
}

// publish lets devices publish with a number of messages in flight, until a time or a number of messages (0: no limit).
func publish(broker string, bytes, devices, inFlight, messages int, limit time.Duration) (rate, error) {
	var begun, acknowledged atomic.Int64
	var all sync.WaitGroup
	failures := make(chan error, devices)
	times := make([][]time.Duration, devices)
	started := time.Now()
	for device := range devices {
		all.Go(func() {
			slots := make(chan struct{}, inFlight)
			sent := make([]time.Time, 1<<16)
			client, err := connect(broker, fmt.Sprintf("load-%d", device), 0, mqtt.Options{OnAcknowledged: func(id uint16, _ byte) {
				times[device] = append(times[device], time.Since(sent[id]))
				acknowledged.Add(1)
				<-slots
			}})
			if err != nil {
				failures <- err
				return
			}
			defer client.Close()
			payload := make([]byte, bytes)
			for index := range payload {
				payload[index] = 'x'
			}
			for time.Since(started) < limit && (messages == 0 || begun.Add(1) <= int64(messages)) {
				select {
				case slots <- struct{}{}:
				default:
					// Nothing more may be in flight, so what is written must be on its way.
					_ = client.Flush()
					select {
					case slots <- struct{}{}:
					case <-client.Done():
						failures <- client.Err()
						return
					}
				}
				id := client.NextID()
				sent[id] = time.Now()
				if err := client.Publish(&packets.Packet{FixedHeader: packets.FixedHeader{Qos: 1}, TopicName: topic, PacketID: id, Payload: payload}); err != nil {
					failures <- err
					return
				}
			}
			_ = client.Flush()
			for range inFlight {
				slots <- struct{}{}
			}
		})
	}
	all.Wait()
	took := time.Since(started).Seconds()
	select {
	case err := <-failures:
		return rate{}, errors.Join(errors.New("publish"), err)
	default:
	}
	return rate{Messages: acknowledged.Load(), PerSecond: float64(acknowledged.Load()) / took, MedianMs: median(times)}, nil
}

// listen leaves a session with a subscription, so that the broker has to keep what is published.
func listen(broker, filter string) error {
	client, err := connect(broker, "absent", 24*time.Hour, mqtt.Options{})
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = client.Subscribe(context.Background(), filter)
	return err
}
