package edgechain

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/brokertest"
	"github.com/skerry-dev/skerry/runtime/internal/programtest"
	"github.com/skerry-dev/skerry/runtime/internal/testprograms"
)

// process is a part of the chain that tests kill.
type process struct {
	name string
	kill func()
	// start starts it, and run also waits until it works.
	start, run func()
}

// brokers are those between the agent and the ingest.
type brokers struct {
	processes []process
	// site and cloud are the addresses for the agent and for the ingest.
	site, cloud string
}

// startBrokers starts the edge broker and the cloud broker, with the files that the charts render and a bridge between
// them. Without Mosquitto, one mochi-mqtt stands for both; it cannot run in another namespace, so the test is skipped there.
func (c *chain) startBrokers() brokers {
	c.t.Helper()
	mosquitto, err := testprograms.Ensure("ensure-mosquitto")
	if err != nil && c.siteHost != nil {
		// Says that Mosquitto is missing, and how to install it.
		c.t.Skip(err)
	}
	if err != nil {
		c.t.Logf("one mochi-mqtt stands for both brokers: %v", err)
		b := brokertest.StartMochi(c.t)
		run := func() { b.Run(c.t) }
		return brokers{[]process{{"broker", b.Kill, run, run}}, b.URL(), b.URL()}
	}
	cloudAddress, siteAddress := c.addressIn(c.cloudHost), programtest.FreeAddress()
	cloud := c.broker(mosquitto[0], "cloud", cloudAddress)
	site := c.broker(mosquitto[0], "sydney", siteAddress, "address cloud.mqtt.svc:8883", "address "+cloudAddress)
	cloud.Namespace, site.Namespace = namespaceOf(c.cloudHost), namespaceOf(c.siteHost)
	found := brokers{site: "mqtts://" + siteAddress, cloud: "mqtts://" + cloudAddress}
	for _, each := range []struct {
		name   string
		broker *brokertest.Mosquitto
	}{{"cloud broker", cloud}, {"edge broker", site}} {
		each.broker.Run(c.t)
		found.processes = append(found.processes, process{
			each.name, each.broker.Kill, func() { each.broker.Start(c.t) }, func() { each.broker.Run(c.t) },
		})
	}
	return found
}

// broker prepares the folder of a broker: files of the charts, certificates, and shorter times. Replacements are pairs.
func (c *chain) broker(program, name, address string, replacements ...string) *brokertest.Mosquitto {
	c.t.Helper()
	folder := filepath.Join(c.folder, name)
	host, port, _ := net.SplitHostPort(address)
	replacements = append(replacements,
		"listener 8883", "listener "+port+" "+host,
		// The default of a fleet, instead of the small queue of the fixture.
		"max_queued_messages 40\n", "max_queued_messages 10000\n",
		"restart_timeout 1 60", "restart_timeout 1", "keepalive_interval 30", "keepalive_interval 5",
	)
	for _, each := range []string{"config", "data", "tls", "bridge-tls"} {
		if err := os.MkdirAll(filepath.Join(folder, each), 0o755); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, file := range []string{"mosquitto.conf", "acl"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", "test", "fixtures", "edge-brokers", name, file))
		if err != nil {
			c.t.Fatal(err)
		}
		text := strings.NewReplacer(replacements...).Replace(string(content))
		if file == "mosquitto.conf" {
			text += "\n# Root's privileges, with which it can read the folder of the test.\nuser root\n"
		}
		if err := os.WriteFile(filepath.Join(folder, "config", file), []byte(text), 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
	ip := net.ParseIP(host)
	for of, commonName := range map[string]string{"tls": name + ".mqtt.svc", "bridge-tls": "bridge:" + name} {
		c.authority.Write(filepath.Join(folder, of, "ca.crt"))
		c.authority.Issue(filepath.Join(folder, of), "tls", commonName, time.Hour, ip)
	}
	return brokertest.NewMosquitto(c.t, program, folder, "config/mosquitto.conf", address)
}
