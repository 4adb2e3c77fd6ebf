package machines

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
)

func openManager(t *testing.T, dir string) *Manager {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	m, err := Open(ctx, dir, controlplane.Settings{}, slog.New(slog.DiscardHandler), func(context.Context, Cluster) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); m.Wait() })
	return m
}

func TestAFreedAddressForgetsItsCluster(t *testing.T) {
	m := openManager(t, t.TempDir())
	for range 3 {
		c, err := m.openCluster("tokyo")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := m.openCluster("tokyo"); again != c || err != nil {
			t.Errorf("got another cluster of the same address, %v", err)
		}
		if err := m.Free("tokyo"); err != nil {
			t.Fatal(err)
		}
		if len(m.Clusters()) > 0 {
			t.Error("a freed address still has a cluster")
		}
	}
}

func readUserData(t *testing.T, role string) string {
	t.Helper()
	content, err := os.ReadFile("../../../../test/fixtures/user-data/" + role + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestInvalidServersAreRejected(t *testing.T) {
	m := openManager(t, t.TempDir())
	hardware := agent.Hardware{InstanceType: "m6i.large", CPUCores: 2, MemoryMiB: 8192}
	serverUserData, agentUserData := readUserData(t, "server"), readUserData(t, "agent")
	valid := ServerRequest{Hostname: "tokyo-server-01", Address: "tokyo", UserData: serverUserData, Machine: hardware}
	if err := valid.validate(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change  func(*ServerRequest)
		message string
	}{
		"hostname":  {func(r *ServerRequest) { r.Hostname = "Tokyo_1" }, `invalid name "Tokyo_1"`},
		"address":   {func(r *ServerRequest) { r.Address = "" }, `invalid name ""`},
		"hardware":  {func(r *ServerRequest) { r.Machine.CPUCores = 0 }, "machine.cpuCores"},
		"user data": {func(r *ServerRequest) { r.UserData = agentUserData }, "must enable unit k3s"},
	} {
		t.Run(name, func(t *testing.T) {
			request := valid
			test.change(&request)
			_, err := m.PutServer("tokyo-server-1", request)
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want a message with %q", err, test.message)
			}
			if len(m.Servers()) > 0 || len(m.Clusters()) > 0 {
				t.Error("a rejected server was created")
			}
		})
	}
	_, err := m.Put(t.Context(), "servers", Request{Count: 1, Hostname: "tokyo", UserData: serverUserData, Machine: hardware})
	var rejected Error
	if !errors.As(err, &rejected) || rejected.Status != http.StatusUnprocessableEntity {
		t.Errorf("a group of servers: got %v", err)
	}
}
