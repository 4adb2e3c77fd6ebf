package config

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/strict"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// reservedTopics are those of Skerry itself, which no device may use.
const reservedTopics = "skerry"

func outboxDir(stateDir string) string { return filepath.Join(stateDir, "outbox") }

type checking struct{ problems strict.Problems }

func (c *checking) add(path, format string, args ...any) {
	c.problems = append(c.problems, strict.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *checking) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(path, "%q: must be one of %s", value, strings.Join(allowed, ", "))
	}
}

func (c *checking) between(path string, value, least, most int64) {
	if value < least || value > most {
		c.add(path, "%d: must be between %d and %d", value, least, most)
	}
}

func (c *checking) time(path string, value Duration, least, most time.Duration) {
	if value.Std() < least || value.Std() > most {
		c.add(path, "%s: must be between %s and %s", value, least, most)
	}
}

// check returns all problems of a configuration that has its defaults.
func (c *Config) check() strict.Problems {
	var checks checking
	if c.StateDir == "" {
		checks.add("stateDir", "must not be empty")
	}
	checks.outbox(c.Outbox())
	if c.Uplink != nil {
		checks.connection("uplink", *c.Uplink)
	}
	checks.relay(c)
	checks.delivery(c.Delivery)
	checks.sensors(c.Sensors, c.Classes)
	return checks.problems
}

// outbox adds the problems that the outbox itself reports.
func (c *checking) outbox(options outbox.Options) {
	joined, ok := options.Check().(interface{ Unwrap() []error })
	if !ok {
		return
	}
	for _, each := range joined.Unwrap() {
		path, message, _ := strings.Cut(each.Error(), ": ")
		if path != "dir" {
			c.add(path, "%s", message)
		}
	}
}

func (c *checking) connection(path string, connection Connection) {
	address, err := mqtt.ParseAddress(connection.Address)
	if err != nil {
		c.add(path+".address", "%s", err)
	}
	isURL := err == nil
	secured := isURL && address.Scheme == "mqtts"
	files := connection.TLS
	if isURL && !secured && files != (TLS{}) {
		c.add(path+".tls", "must be empty with mqtt://")
	}
	if (files.Certificate == "") != (files.Key == "") {
		c.add(path+".tls", "certificate and key: must both be set or both be empty")
	}
	if connection.PasswordFile != "" && connection.Username == "" {
		c.add(path+".username", "must not be empty with a passwordFile")
	}
	if connection.PasswordFile != "" && isURL && !secured && !isLoopback(address.Hostname()) {
		c.add(path+".address", "must be mqtts:// with a passwordFile: mqtt:// shows the password to the network")
	}
	c.oneOf(path+".protocol", connection.Protocol, "5", "3.1.1")
	if len(connection.ClientID) > 128 {
		c.add(path+".clientID", "%d bytes: must have at most 128", len(connection.ClientID))
	}
	c.time(path+".keepAlive", connection.KeepAlive, time.Second, time.Hour)
	c.time(path+".maxBackoff", connection.MaxBackoff, time.Second, time.Hour)
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

func (c *checking) address(path, value string) (host string, ok bool) {
	host, port, err := net.SplitHostPort(value)
	if number, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || number == 0 {
		c.add(path, "%q: must be host:port, with a port between 1 and 65535", value)
		return "", false
	}
	return host, true
}

func (c *checking) relay(config *Config) {
	if listen := config.Relay.Listen; listen != nil {
		const path = "relay.listen"
		host, ok := c.address(path+".address", listen.Address)
		if (listen.TLS.Certificate == "") != (listen.TLS.Key == "") {
			c.add(path+".tls", "certificate and key: must both be set or both be empty")
		}
		if listen.TLS.ClientCA != "" && listen.TLS.Certificate == "" {
			c.add(path+".tls.certificate", "must not be empty with a clientCA")
		}
		if ok && listen.TLS.Certificate == "" && !isLoopback(host) && !listen.Plaintext {
			c.add(path+".tls.certificate", "must not be empty: %s is not a loopback address (or set plaintext)", listen.Address)
		}
		c.between(path+".maxConnections", int64(listen.MaxConnections), 1, 10000)
	}
	if config.Relay.Broker != nil {
		c.connection("relay.broker", *config.Relay.Broker)
	}
	if len(config.Routes) == 0 && (config.Relay.Listen != nil || config.Relay.Broker != nil) {
		c.add("routes", "must not be empty with a relay: it refuses messages without a route")
	}
	for index, route := range config.Routes {
		path := fmt.Sprintf("routes[%d]", index)
		if err := mqtt.CheckFilter(route.Filter); err != nil {
			c.add(path+".filter", "%q: %s", route.Filter, err)
		} else if first, _, _ := strings.Cut(route.Filter, "/"); first == reservedTopics || strings.HasPrefix(first, "$") {
			c.add(path+".filter", "%q: must not begin with %s or $: these topics are reserved", route.Filter, reservedTopics)
		}
		c.class(path+".class", route.Class, config.Classes)
	}
}

func (c *checking) class(path, name string, classes []Class) {
	var names []string
	for _, each := range classes {
		names = append(names, each.Name)
	}
	if !slices.Contains(names, name) {
		c.add(path, "%q: must be one of the classes: %s", name, strings.Join(names, ", "))
	}
}

func (c *checking) delivery(delivery Delivery) {
	c.between("delivery.backlogPercent", int64(delivery.BacklogPercent), 1, 99)
	c.between("delivery.windowMessages", int64(delivery.WindowMessages), 1, 10000)
	c.between("delivery.windowBytes", int64(delivery.WindowBytes), outbox.MaxMessageBytes, 64<<20)
	c.time("delivery.resendAfter", delivery.ResendAfter, time.Second, time.Hour)
	c.time("delivery.maxResendAfter", delivery.MaxResendAfter, delivery.ResendAfter.Std(), 24*time.Hour)
}
