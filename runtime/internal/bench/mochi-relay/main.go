// Command mochi-relay is the baseline for the edge agent's listener: the broker of mochi-mqtt, whose hook keeps each message
// in the same outbox before PUBACK.
//
//	mochi-relay <folder> <address>
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/relay"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// hook keeps messages. The broker calls it for one message of a connection at a time.
type hook struct {
	broker.HookBase
	keeper *relay.Keeper
}

func (*hook) ID() string { return "outbox" }

func (*hook) Provides(event byte) bool {
	return event == broker.OnConnectAuthenticate || event == broker.OnACLCheck || event == broker.OnPublish
}

func (*hook) OnConnectAuthenticate(*broker.Client, packets.Packet) bool { return true }

func (*hook) OnACLCheck(*broker.Client, string, bool) bool { return true }

func (h *hook) OnPublish(_ *broker.Client, packet packets.Packet) (packets.Packet, error) {
	pending, err := h.keeper.Keep(packet.TopicName, packet.Payload, packet.Properties.ContentType)
	if err == nil {
		_, err = pending.Wait(context.Background())
	}
	if err != nil {
		return packet, packets.ErrQuotaExceeded
	}
	return packet, nil
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("must have a folder and an address")
	}
	box, err := outbox.Open(outbox.Options{Dir: os.Args[1], Node: "bench", Classes: []outbox.Class{{Name: "telemetry", MaxBytes: 8 << 30, WhenFull: outbox.Refuse}}})
	if err != nil {
		log.Fatal(err)
	}
	server := broker.New(&broker.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	keeper := &relay.Keeper{Routes: []relay.Route{{Filter: "#", Class: "telemetry"}}, Queue: box.Queue, Now: time.Now}
	if err := server.AddHook(&hook{keeper: keeper}, nil); err != nil {
		log.Fatal(err)
	}
	if err := server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: os.Args[2]})); err != nil {
		log.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		log.Fatal(err)
	}
	select {}
}
