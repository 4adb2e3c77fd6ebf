package edgechain

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/certificatetest"
	"github.com/skerry-dev/skerry/runtime/internal/databasetest"
	"github.com/skerry-dev/skerry/runtime/internal/delaynet"
	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// node is that of the configuration that the charts render.
const node = "sydney-gw-01"

// chain is all that is between devices and a database.
type chain struct {
	t         *testing.T
	folder    string
	authority *certificatetest.Authority
	// siteHost and cloudHost are where the programs of the site and of the cloud run. nil is this host.
	siteHost, cloudHost *delaynet.Host
	// database is its location.
	database string
	// listen is the address of the agent's listener.
	listen        string
	agent, ingest *programtest.Program
	brokers       brokers
	devices       []*edgetest.Device
}

// newChain starts all programs.
func newChain(t *testing.T, database string, siteHost, cloudHost *delaynet.Host) *chain {
	t.Helper()
	c := &chain{t: t, folder: t.TempDir(), authority: certificatetest.New(t), siteHost: siteHost, cloudHost: cloudHost, database: database}
	c.authority.Write(c.file("ca.crt"))
	c.authority.Issue(c.folder, "agent", "client:sydney:"+node, time.Hour)
	c.authority.Issue(c.folder, "ingest", "client:cloud:edge-ingest", time.Hour)
	c.authority.Issue(c.folder, "listener", "listener", time.Hour)
	c.authority.Issue(c.folder, "device", "device", time.Hour)
	c.brokers = c.startBrokers()
	c.listen = programtest.FreeAddress()
	http := programtest.FreeAddress()
	c.agent = programtest.NewFromFile(t, filepath.Join(programs, "edge-agent"), http, "--config", c.configureAgent(), "--http-address", http)
	c.agent.Namespace = namespaceOf(siteHost)
	http = programtest.FreeAddress()
	arguments := []string{"--broker", c.brokers.cloud, "--database", database, "--http-address", http}
	if strings.HasPrefix(c.brokers.cloud, "mqtts:") {
		arguments = append(arguments, "--ca-file", c.file("ca.crt"), "--cert-file", c.file("ingest.crt"), "--key-file", c.file("ingest.key"))
	}
	c.ingest = programtest.NewFromFile(t, filepath.Join(programs, "edge-ingest"), http, arguments...)
	c.ingest.Namespace = namespaceOf(cloudHost)
	c.agent.Start()
	c.ingest.Start()
	files := mqtt.TLSFiles{CA: c.file("ca.crt"), Certificate: c.file("device.crt"), Key: c.file("device.key")}
	c.devices = []*edgetest.Device{
		{Name: "a", Topic: "sensors/a", TLS: files}, {Name: "b", Topic: "sensors/b", TLS: files, Version: mqtt.Version311},
		{Name: "c", Topic: "alarms/c", TLS: files},
	}
	return c
}

func (c *chain) file(name string) string { return filepath.Join(c.folder, name) }

// configureAgent writes the configuration that the charts render, with addresses and files of the test, shorter times, and no
// sensors.
func (c *chain) configureAgent() string {
	c.t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "test", "fixtures", "edge-agents", "listener.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(content, &document); err != nil {
		c.t.Fatal(err)
	}
	delete(document, "sensors")
	document["stateDir"] = c.file("state")
	uplink := map[string]any{"address": c.brokers.site, "maxBackoff": "1s", "keepAlive": "2s"}
	if strings.HasPrefix(c.brokers.site, "mqtts:") {
		uplink["tls"] = map[string]any{"ca": c.file("ca.crt"), "certificate": c.file("agent.crt"), "key": c.file("agent.key")}
	}
	document["uplink"] = uplink
	document["relay"] = map[string]any{"listen": map[string]any{
		"address": c.listen,
		"tls":     map[string]any{"certificate": c.file("listener.crt"), "key": c.file("listener.key"), "clientCA": c.file("ca.crt")},
	}}
	document["delivery"] = map[string]any{"resendAfter": c.resendAfter().String(), "maxResendAfter": "20s"}
	changed, err := json.Marshal(document)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(c.file("agent.json"), changed, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return c.file("agent.json")
}

// resendAfter is longer than an acknowledgement takes.
func (c *chain) resendAfter() time.Duration {
	if c.siteHost != nil {
		return 10 * time.Second
	}
	return time.Second
}

// addressIn returns a free address of a host.
func (c *chain) addressIn(host *delaynet.Host) string {
	address := programtest.FreeAddress()
	if host != nil {
		_, port, _ := net.SplitHostPort(address)
		address = net.JoinHostPort(host.Address.String(), port)
	}
	return address
}

func namespaceOf(host *delaynet.Host) string {
	if host == nil {
		return ""
	}
	return host.Namespace
}

// publish lets every device publish until stop is called, and connect again whenever the agent was away.
func (c *chain) publish(pause time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(c.t.Context())
	var publishing sync.WaitGroup
	for _, device := range c.devices {
		publishing.Go(func() {
			for ctx.Err() == nil {
				connecting, cancel := context.WithTimeout(ctx, 5*time.Second)
				err := delaynet.In(namespaceOf(c.siteHost), func() error { return device.Connect(connecting, c.listen) })
				cancel()
				if err != nil {
					time.Sleep(5 * time.Millisecond)
					continue
				}
				device.Publish(ctx, 20, pause)
				device.Close()
			}
		})
	}
	return func() {
		cancel()
		publishing.Wait()
	}
}

// stored returns how many messages the database has, or -1 if it does not answer.
func (c *chain) stored() int {
	rows, err := databasetest.TryQuery(c.database, `SELECT count(*) FROM edge_messages`)
	if err != nil {
		return -1
	}
	count, _ := strconv.Atoi(rows[0][0])
	return count
}

// await waits until the database has so many more messages.
func (c *chain) await(more int) {
	c.t.Helper()
	before := max(0, c.stored())
	programtest.Await(c.t, "messages arrive in the database", func() bool { return c.stored() >= before+more })
}

// waiting returns how many messages the outbox has, or -1 if the agent does not answer.
func (c *chain) waiting() float64 {
	alarms, telemetry := c.agent.Metric(`skerry_edge_agent_queue_depth{class="alarms"}`), c.agent.Metric(`skerry_edge_agent_queue_depth{class="telemetry"}`)
	if alarms < 0 || telemetry < 0 {
		return -1
	}
	return alarms + telemetry
}

// messages returns all messages of the database.
func (c *chain) messages() (messages []edgeevents.Message) {
	c.t.Helper()
	for _, row := range databasetest.Query(c.t, c.database, `SELECT node, class, epoch, sequence, data FROM edge_messages`) {
		epoch, err := outbox.ParseEpoch(row[2])
		if err != nil {
			c.t.Fatal(err)
		}
		sequence, err := strconv.ParseUint(row[3], 10, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		key := outbox.Key{Node: row[0], Class: row[1], Epoch: epoch, Sequence: sequence}
		messages = append(messages, edgeevents.Message{Key: key, Event: edgeevents.Event{Data: []byte(row[4])}})
	}
	return messages
}

// expectDelivery waits until the outbox is empty. Then each message that was acknowledged to a device must be in the database
// once, in the order of the device, and none may be missing.
func (c *chain) expectDelivery(within time.Duration) {
	c.t.Helper()
	began := time.Now()
	programtest.AwaitWithin(c.t, within, "the outbox is empty", func() bool { return c.waiting() == 0 })
	drained := time.Since(began)
	var promised []string
	for _, device := range c.devices {
		of := device.Promised()
		if len(of) == 0 {
			c.t.Errorf("no message of device %s was acknowledged", device.Name)
		}
		promised = append(promised, of...)
	}
	messages := c.messages()
	if err := edgetest.CheckDelivery(messages, promised); err != nil {
		c.t.Error(err)
	}
	for text, want := range map[string]int{
		`SELECT node, class, first, last FROM edge_gaps`:                              0,
		`SELECT reason, detail FROM edge_quarantine`:                                  0,
		`SELECT node, class, first, last, reason FROM edge_losses`:                    0,
		`SELECT node, class FROM edge_status WHERE conflicts = 0 AND overlapping = 0`: 2,
	} {
		if rows := databasetest.Query(c.t, c.database, text); len(rows) != want {
			c.t.Errorf("%s: got %v, want %d rows", text, rows, want)
		}
	}
	duplicates := databasetest.Query(c.t, c.database, `SELECT sum(duplicates) FROM edge_status`)
	c.t.Logf("%d messages acknowledged to devices, %d stored, %s duplicates; the outbox was empty after %s",
		len(promised), len(messages), duplicates[0][0], drained.Round(10*time.Millisecond))
}
