// Package brokertest runs MQTT brokers for tests.
package brokertest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"github.com/skerry-dev/skerry/runtime/internal/delaynet"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/internal/testprograms"
)

// Broker is a broker without persistence: what it knows is lost when it is killed.
type Broker interface {
	URL() string
	Run(*testing.T)
	Kill()
}

// ForEach runs a test with mochi-mqtt in this process, and with Mosquitto if it can be had.
func ForEach(t *testing.T, run func(*testing.T, Broker)) {
	t.Run("mochi", func(t *testing.T) { run(t, StartMochi(t)) })
	t.Run("Mosquitto", func(t *testing.T) { run(t, StartMosquitto(t)) })
}

// Mochi is mochi-mqtt in this process.
type Mochi struct {
	address string
	server  *mqtt.Server
}

// StartMochi starts mochi-mqtt until the test ends.
func StartMochi(t *testing.T) *Mochi {
	t.Helper()
	m := &Mochi{address: programtest.FreeAddress()}
	m.Run(t)
	t.Cleanup(m.Kill)
	return m
}

func (m *Mochi) URL() string { return "mqtt://" + m.address }

func (m *Mochi) Run(t *testing.T) {
	t.Helper()
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumClients = 50_000
	capabilities.MaximumClientWritesPending = 16 * 1024
	m.server = mqtt.New(&mqtt.Options{Capabilities: capabilities, Logger: slog.New(slog.DiscardHandler)})
	for _, hook := range []mqtt.Hook{new(auth.AllowHook), new(NoSendQuota)} {
		if err := m.server.AddHook(hook, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: m.address})); err != nil {
		t.Fatal(err)
	}
	if err := m.server.Serve(); err != nil {
		t.Fatal(err)
	}
}

// NoSendQuota is a hook of mochi-mqtt that lets it ignore Receive Maximum. Otherwise, mochi-mqtt 2.7.9 looks for messages that
// wait for it after each PUBACK, in Inflight.NextImmediate, which takes a read lock twice: a publisher that asks for the write
// lock in between stops both clients forever. It would also send the messages that waited out of order.
type NoSendQuota struct{ mqtt.HookBase }

func (*NoSendQuota) ID() string { return "no-send-quota" }

func (*NoSendQuota) Provides(event byte) bool { return event == mqtt.OnSessionEstablished }

func (*NoSendQuota) OnSessionEstablished(client *mqtt.Client, _ packets.Packet) {
	client.State.Inflight.ResetSendQuota(0)
}

func (m *Mochi) Kill() {
	if m.server != nil {
		_ = m.server.Close()
		m.server = nil
	}
}

// Mosquitto is a process.
type Mosquitto struct {
	// Namespace is the network namespace that it runs in. Empty means that of this process.
	Namespace string

	address, program, folder, config string
	command                          *exec.Cmd
	log                              programtest.Log
}

// StartMosquitto starts Mosquitto until the test ends, with further lines of configuration. It skips the test if Mosquitto
// cannot be had.
func StartMosquitto(t *testing.T, lines ...string) *Mosquitto {
	t.Helper()
	programs, err := testprograms.Ensure("ensure-mosquitto")
	if err != nil {
		// Says that Mosquitto is missing, and how to install it.
		t.Skip(err)
	}
	folder, address := t.TempDir(), programtest.FreeAddress()
	_, port, _ := net.SplitHostPort(address)
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type none\n", port)
	for _, line := range lines {
		text += line + "\n"
	}
	if err := os.WriteFile(filepath.Join(folder, "mosquitto.conf"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	m := NewMosquitto(t, programs[0], folder, "mosquitto.conf", address)
	m.Run(t)
	return m
}

// NewMosquitto returns a Mosquitto that runs in a folder with a configuration file there, and is not started yet. It is killed
// when the test ends.
func NewMosquitto(t *testing.T, program, folder, config, address string) *Mosquitto {
	m := &Mosquitto{address: address, program: program, folder: folder, config: config}
	t.Cleanup(func() {
		m.Kill()
		if t.Failed() {
			t.Logf("Mosquitto at %s:\n%s", address, &m.log)
		}
	})
	return m
}

// Address returns the host and the port.
func (m *Mosquitto) Address() string { return m.address }

func (m *Mosquitto) URL() string { return "mqtt://" + m.address }

// Run starts Mosquitto and waits until it listens.
func (m *Mosquitto) Run(t *testing.T) {
	t.Helper()
	m.Start(t)
	programtest.Await(t, "Mosquitto listens", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		connection, err := delaynet.Dial(ctx, m.Namespace, m.address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
}

// Start starts Mosquitto.
func (m *Mosquitto) Start(t *testing.T) {
	t.Helper()
	m.command = delaynet.Command(m.Namespace, m.program, "-c", m.config)
	m.command.Dir, m.command.Stderr = m.folder, &m.log
	if err := m.command.Start(); err != nil {
		t.Fatal(err)
	}
}

func (m *Mosquitto) Kill() {
	if m.command != nil {
		_ = m.command.Process.Kill()
		_ = m.command.Wait()
		m.command = nil
	}
}
