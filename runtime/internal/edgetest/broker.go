// Package edgetest has what tests of the edge agent need around it: a broker, a cloud that acknowledges end to end, devices,
// and a proxy that disturbs a link.
package edgetest

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
)

// Broker is a broker in this process.
type Broker struct {
	Address string
	server  *broker.Server
	// Deny decides which client may not publish or receive on a topic. It may be replaced at any time.
	Deny atomic.Pointer[func(client, topic string, write bool) bool]
}

// StartBroker starts a broker, with TLS if a configuration is given.
func StartBroker(t testing.TB, config *tls.Config) *Broker {
	t.Helper()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &Broker{Address: tcp.Addr().String()}
	if config != nil {
		tcp = tls.NewListener(tcp, config)
	}
	capabilities := broker.NewDefaultServerCapabilities()
	b.server = broker.New(&broker.Options{Capabilities: capabilities, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	for _, each := range []broker.Hook{&hook{broker: b}, new(brokertest.NoSendQuota)} {
		if err := b.server.AddHook(each, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.server.AddListener(listeners.NewNet("tcp", tcp)); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.server.Close() })
	return b
}

type hook struct {
	broker.HookBase
	broker *Broker
}

func (*hook) ID() string { return "test" }

func (*hook) Provides(event byte) bool {
	return event == broker.OnConnectAuthenticate || event == broker.OnACLCheck
}

func (*hook) OnConnectAuthenticate(*broker.Client, packets.Packet) bool { return true }

func (h *hook) OnACLCheck(client *broker.Client, topic string, write bool) bool {
	deny := h.broker.Deny.Load()
	return deny == nil || !(*deny)(client.ID, topic, write)
}
