package main

import (
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

	"github.com/skerry-dev/skerry/runtime/internal/testprograms"
)

// broker is a broker without persistence: what it knows is lost when it is killed.
type broker interface {
	url() string
	run(*testing.T)
	kill()
}

// forEachBroker runs a test with mochi-mqtt in this process, and with Mosquitto if it can be had.
func forEachBroker(t *testing.T, run func(*testing.T, broker)) {
	t.Run("mochi", func(t *testing.T) { run(t, startMochi(t)) })
	t.Run("Mosquitto", func(t *testing.T) { run(t, startMosquitto(t)) })
}

type mochi struct {
	address string
	server  *mqtt.Server
}

func startMochi(t *testing.T) *mochi {
	t.Helper()
	m := &mochi{address: freeAddress(t)}
	m.run(t)
	t.Cleanup(m.kill)
	return m
}

func (m *mochi) url() string { return "mqtt://" + m.address }

func (m *mochi) run(t *testing.T) {
	t.Helper()
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumClients = 50_000
	capabilities.MaximumClientWritesPending = 16 * 1024
	m.server = mqtt.New(&mqtt.Options{Capabilities: capabilities, Logger: slog.New(slog.DiscardHandler)})
	if err := m.server.AddHook(new(auth.AllowHook), nil); err != nil {
		t.Fatal(err)
	}
	if err := m.server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: m.address})); err != nil {
		t.Fatal(err)
	}
	if err := m.server.Serve(); err != nil {
		t.Fatal(err)
	}
}

func (m *mochi) kill() {
	if m.server != nil {
		_ = m.server.Close()
		m.server = nil
	}
}

type mosquitto struct {
	address, program, config string
	command                  *exec.Cmd
}

// startMosquitto starts Mosquitto with further lines of configuration.
func startMosquitto(t *testing.T, lines ...string) *mosquitto {
	t.Helper()
	programs, err := testprograms.Ensure("ensure-mosquitto")
	if err != nil {
		t.Skip(err)
	}
	m := &mosquitto{address: freeAddress(t), program: programs[0], config: filepath.Join(t.TempDir(), "mosquitto.conf")}
	_, port, _ := net.SplitHostPort(m.address)
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type none\n", port)
	for _, line := range lines {
		text += line + "\n"
	}
	if err := os.WriteFile(m.config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	m.run(t)
	t.Cleanup(m.kill)
	return m
}

func (m *mosquitto) url() string { return "mqtt://" + m.address }

func (m *mosquitto) run(t *testing.T) {
	t.Helper()
	m.command = exec.Command(m.program, "-c", m.config)
	if err := m.command.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "Mosquitto listens", func() bool {
		connection, err := net.DialTimeout("tcp", m.address, time.Second)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
}

func (m *mosquitto) kill() {
	if m.command != nil {
		_ = m.command.Process.Kill()
		_ = m.command.Wait()
		m.command = nil
	}
}
