package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
)

// TestMain runs the agent instead of the tests in child processes.
func TestMain(m *testing.M) {
	if arguments := os.Getenv("EDGE_AGENT_TEST_ARGUMENTS"); arguments != "" {
		os.Args = append(os.Args[:1], strings.Split(arguments, "\n")...)
		if os.Getenv("EDGE_AGENT_TEST_CLOCK") != "" {
			now = func() time.Time {
				return time.Now().Add(time.Duration(rand.Int64N(int64(20*365*24*time.Hour))) - 10*365*24*time.Hour)
			}
		}
		main()
		os.Exit(0)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// agent is an edge agent that runs as a process of its own.
type agent struct {
	t    *testing.T
	dir  string
	http string
	// listen is the address of its listener.
	listen string
	// environment is added to that of the process.
	environment []string
	process     *exec.Cmd
	exited      chan struct{}

	mu  sync.Mutex
	log bytes.Buffer
}

func (a *agent) Write(text []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(text)
}

func (a *agent) logged() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.String()
}

// settings change the configuration of a test.
type settings struct {
	// uplink is the address of the broker.
	uplink string
	// These are added to uplink, relay, listener, delivery and the configuration itself, as JSON members.
	moreUplink, moreRelay, moreListen, moreDelivery, more string
	// classes and filter have defaults.
	classes, filter string
}

// newAgent writes a configuration, but starts nothing.
func newAgent(t *testing.T, s settings) *agent {
	t.Helper()
	a := &agent{t: t, dir: t.TempDir(), http: programtest.FreeAddress(), listen: programtest.FreeAddress()}
	a.configure(s)
	t.Cleanup(func() {
		a.kill()
		if t.Failed() {
			text := a.logged()
			t.Logf("log of the agent:\n%s", text[max(0, len(text)-4000):])
		}
	})
	return a
}

func (a *agent) configure(s settings) {
	a.t.Helper()
	if s.classes == "" {
		s.classes = `{"name": "telemetry", "maxBytes": "64Mi", "whenFull": "Refuse"}`
	}
	if s.filter == "" {
		s.filter = "devices/#"
	}
	scheme := "mqtt"
	if strings.Contains(s.moreUplink, `"tls"`) {
		scheme = "mqtts"
	}
	document := fmt.Sprintf(`{
		"node": "gateway-3", "stateDir": %q, "classes": [%s], "routes": [{"filter": %q, "class": "telemetry"}],
		"relay": {"listen": {"address": %q %s} %s},
		"uplink": {"address": "%s://%s", "maxBackoff": "1s", "keepAlive": "2s" %s},
		"delivery": {"resendAfter": "2s", "maxResendAfter": "4s" %s} %s
	}`, filepath.Join(a.dir, "state"), s.classes, s.filter, a.listen, s.moreListen, s.moreRelay, scheme, s.uplink, s.moreUplink, s.moreDelivery, s.more)
	if err := os.WriteFile(a.configFile(), []byte(document), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *agent) configFile() string { return filepath.Join(a.dir, "agent.json") }

// start starts the process and does not wait for it.
func (a *agent) start() {
	a.t.Helper()
	a.process = exec.Command(os.Args[0])
	a.process.Env = append(os.Environ(), "EDGE_AGENT_TEST_ARGUMENTS=--config\n"+a.configFile()+"\n--http-address\n"+a.http)
	a.process.Env = append(a.process.Env, a.environment...)
	a.process.Stderr = a
	if err := a.process.Start(); err != nil {
		a.t.Fatal(err)
	}
	a.exited = make(chan struct{})
	go func() {
		_ = a.process.Wait()
		close(a.exited)
	}()
}

// kill ends the process at once.
func (a *agent) kill() {
	if a.process != nil {
		_ = a.process.Process.Kill()
		<-a.exited
	}
}

// terminate asks the process to end, and returns how long that took.
func (a *agent) terminate() time.Duration {
	a.t.Helper()
	began := time.Now()
	_ = a.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-a.exited:
	case <-time.After(20 * time.Second):
		a.t.Fatal("the agent does not end")
	}
	if code := a.process.ProcessState.ExitCode(); code != 0 {
		a.t.Errorf("the agent ended with %d", code)
	}
	return time.Since(began)
}

// get returns the body of a page.
func (a *agent) get(path string) (int, string) {
	response, err := http.Get("http://" + a.http + path)
	if err != nil {
		return 0, ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// metric returns the value of a sample, or -1.
func (a *agent) metric(name string) float64 {
	_, body := a.get("/metrics")
	for line := range strings.Lines(body) {
		if rest, found := strings.CutPrefix(line, "skerry_edge_agent_"+name+" "); found {
			var value float64
			if _, err := fmt.Sscan(rest, &value); err == nil {
				return value
			}
		}
	}
	return -1
}

// connect connects a device to the agent's listener, as soon as the agent listens.
func (a *agent) connect(device *edgetest.Device) {
	a.t.Helper()
	a.eventually("the device connects", func() bool { return device.Connect(context.Background(), a.listen) == nil })
}

func (a *agent) eventually(what string, condition func() bool) {
	a.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			a.t.Fatalf("this did not happen in time: %s", what)
		}
	}
}

// expectDelivery waits until nothing waits in the agent, and checks what the cloud has.
func (a *agent) expectDelivery(cloud *edgetest.Cloud, devices ...*edgetest.Device) {
	a.t.Helper()
	a.eventually("everything is acknowledged", func() bool { return a.metric(`queue_depth{class="telemetry"}`) == 0 })
	var promised []string
	for _, each := range devices {
		promised = append(promised, each.Promised()...)
	}
	if err := cloud.Check(promised); err != nil {
		a.t.Fatal(err)
	}
	stored, received := cloud.Count()
	a.t.Logf("%d messages acknowledged to devices, %d stored, %d received", len(promised), stored, received)
}

func decodeJSON(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}
