package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/programtest"
)

// mosquitto is a broker of devices that runs as a process of its own.
type mosquitto struct {
	t       *testing.T
	address string
	program string
	config  string
	process *exec.Cmd
}

func newMosquitto(t *testing.T, more string) *mosquitto {
	t.Helper()
	found, err := exec.Command("../../../scripts/ensure-mosquitto", "--no-install").Output()
	if err != nil {
		t.Skip("mosquitto is not installed; scripts/ensure-mosquitto installs it")
	}
	m := &mosquitto{t: t, address: programtest.FreeAddress(), config: filepath.Join(t.TempDir(), "mosquitto.conf")}
	_, port, _ := net.SplitHostPort(m.address)
	text := fmt.Sprintf("listener %s 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n%s\n", port, more)
	if err := os.WriteFile(m.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m.program = strings.Fields(string(found))[0]
	m.start()
	t.Cleanup(m.kill)
	return m
}

// start starts the process and waits until it listens.
func (m *mosquitto) start() {
	m.t.Helper()
	m.process = exec.Command(m.program, "-c", m.config)
	if err := m.process.Start(); err != nil {
		m.t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if connection, err := net.Dial("tcp", m.address); err == nil {
			_ = connection.Close()
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatal("mosquitto does not listen")
		}
	}
}

// kill ends the process at once.
func (m *mosquitto) kill() {
	_ = m.process.Process.Kill()
	_ = m.process.Wait()
}

// relay returns the settings of an agent that subscribes to the broker.
func (m *mosquitto) relay(version string) string {
	return fmt.Sprintf(`, "broker": {"address": "mqtt://%s", "protocol": %q, "maxBackoff": "1s"}`, m.address, version)
}
