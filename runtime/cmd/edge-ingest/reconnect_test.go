package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
	"github.com/skerry-dev/skerry/runtime/internal/databasetest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// TestTenThousandReconnectsAtOnce lets nodes send a message each, kills the broker with its memory, and lets all of them
// connect again at the same moment.
func TestTenThousandReconnectsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute: 10,000 clients connect twice")
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	nodes := int(min(10_000, limit.Cur-300))
	t.Logf("%d nodes (%d file descriptors allowed)", nodes, limit.Cur)
	b := brokertest.StartMosquitto(t, "max_connections -1", "max_inflight_messages 1000", "max_queued_messages 100000")
	location := "sqlite:" + filepath.Join(t.TempDir(), "messages.db")
	p := newProgram(t, b.URL(), location)
	p.Start()
	p.AwaitReady()
	for round := uint64(1); round <= 2; round++ {
		started := time.Now()
		var group sync.WaitGroup
		var attempts atomic.Int64
		var waiting sync.WaitGroup
		waiting.Add(nodes)
		released := make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
		for n := range nodes {
			group.Go(func() {
				key := outbox.Key{Node: fmt.Sprintf("n%d", n), Class: "telemetry", Epoch: outbox.Epoch{Number: 1}, Sequence: round}
				first := true
				for ctx.Err() == nil {
					attempts.Add(1)
					if sendOnce(ctx, b, key, func() {
						if first {
							first = false
							waiting.Done()
							<-released
						}
					}) {
						return
					}
				}
				t.Errorf("%s is not acknowledged", key)
			})
		}
		// All are connected when the first one sends.
		waiting.Wait()
		connected := time.Since(started)
		close(released)
		group.Wait()
		cancel()
		t.Logf("round %d: %d nodes are connected after %s and acknowledged after %s, %d connections", round, nodes, connected.Round(time.Millisecond),
			time.Since(started).Round(time.Millisecond), attempts.Load())
		b.Kill()
		b.Run(t)
	}
	rows := databasetest.Query(t, location, `SELECT count(*), sum(messages), sum(missing) FROM edge_status`)
	if got := fmt.Sprint(rows); got != fmt.Sprintf("[[%d %d 0.0]]", nodes, 2*nodes) && got != fmt.Sprintf("[[%d %d 0]]", nodes, 2*nodes) {
		t.Fatal(got)
	}
	p.Terminate()
}

// sendOnce connects, and sends a message until it is acknowledged. It returns false if the connection ended before.
func sendOnce(ctx context.Context, b brokertest.Broker, key outbox.Key, connected func()) bool {
	connecting, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client, err := mqtt.ConnectBlocking(connecting, mqtt.Options{Address: b.URL(), ClientID: key.Node, ReceiveMaximum: 2, KeepAlive: 5 * time.Minute})
	if err != nil {
		return false
	}
	defer client.Close()
	if client.Subscribe(connecting, edgeevents.AckTopic(key.Node, key.Class)) != nil {
		return false
	}
	connected()
	body, err := edgeevents.Event{Type: "test"}.Encode()
	if err != nil {
		return false
	}
	for ctx.Err() == nil {
		if client.Send(ctx, mqtt.Outgoing{Topic: edgeevents.UpTopic(key.Node, key.Class), Payload: edgeevents.Seal(key, body)}) != nil {
			return false
		}
		patience, cancel := context.WithTimeout(ctx, 10*time.Second)
		_, err := client.Receive(patience)
		cancel()
		if err == nil {
			return true
		}
		if client.Err() != nil {
			return false
		}
	}
	return false
}
