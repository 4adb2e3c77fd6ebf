package config

import (
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

const minimal = `
node: gateway-3
stateDir: /var/lib/edge-agent
classes:
  - {name: telemetry, maxBytes: 64Mi}
`

func TestDefaults(t *testing.T) {
	config, problems := Parse([]byte(minimal+`
uplink: {address: "mqtts://broker.example:8883"}
relay: {listen: {address: "127.0.0.1:1883"}, broker: {address: "mqtt://localhost:1884"}}
routes: [{filter: "#", class: telemetry}]
sensors:
  - {name: cpu, driver: file, unit: Cel, file: {path: /sys/class/hwmon/hwmon0/temp1_input, scale: 0.001}}
  - {name: fast, driver: simulated, unit: "1", interval: 1s, simulated: {}}
`), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if class := config.Classes[0]; class.WhenFull != outbox.DropOldest || class.MaxMessageBytes != 64<<10 || class.MaxBytes != 64<<20 {
		t.Errorf("class: %+v", class)
	}
	if config.Uplink.ClientID != "skerry-gateway-3" || config.Uplink.KeepAlive.Std() != 30*time.Second || config.Uplink.Protocol != "5" {
		t.Errorf("uplink: %+v", config.Uplink)
	}
	if config.Relay.Broker.ClientID != "skerry-relay-gateway-3" || config.Relay.Listen.MaxConnections != 256 {
		t.Errorf("relay: %+v", config.Relay)
	}
	if config.Delivery != (Delivery{50, 1000, 4 << 20, Duration(30 * time.Second), Duration(10 * time.Minute)}) {
		t.Errorf("delivery: %+v", config.Delivery)
	}
	if first := config.Sensors[0]; first.Class != "telemetry" || first.Interval.Std() != 10*time.Second || first.Timeout.Std() != 5*time.Second {
		t.Errorf("sensor: %+v", first)
	}
	if config.Sensors[1].Timeout.Std() != time.Second {
		t.Errorf("the timeout exceeds the interval: %+v", config.Sensors[1])
	}
	if options := config.Outbox(); options.Dir != "/var/lib/edge-agent/outbox" || options.Node != "gateway-3" {
		t.Errorf("outbox: %+v", options)
	}
}

// TestAllProblemsAtOnce covers every check. The texts are what an operator reads.
func TestAllProblemsAtOnce(t *testing.T) {
	_, problems := Parse([]byte(`
node: Gateway_3
color: red
uplink: {address: "http://user:secret@broker", protocol: "4", keepAlive: 1ms, maxBackoff: 2h, tls: {certificate: c}, passwordFile: p}
relay:
  listen: {address: "0.0.0.0:1883", maxConnections: -1}
  broker: {address: "mqtt://broker.example", username: u, passwordFile: p, tls: {ca: c}}
classes:
  - {name: telemetry, maxBytes: 1Ki}
  - {name: telemetry, maxBytes: many, whenFull: Wait, maxMessageBytes: 2Mi, maxAge: 1s}
routes:
  - {filter: "a/#/b", class: telemetry}
  - {filter: "skerry/v1/#", class: alarms}
delivery: {backlogPercent: 100, windowMessages: -1, windowBytes: 1Ki, resendAfter: 10s, maxResendAfter: 1s}
sensors:
  - {name: Temp, driver: thermometer, unit: C, class: none}
  - {name: a, driver: file, unit: "", class: telemetry, interval: 1ms, simulated: {}}
  - {name: a, driver: file, unit: "m(", class: telemetry, file: {path: relative}}
  - {name: b, driver: modbus, unit: "a b", class: telemetry, modbus: {address: plc, unitID: 300, register: 70000, table: coil, type: double, wordOrder: little}}
  - {name: c, driver: onewire, unit: Cel, class: telemetry, onewire: {device: "../x"}}
`), nil)
	text := "\n" + problems.Error() + "\n"
	for _, want := range []string{
		"color: unknown field",
		`classes[1].maxBytes: "many": must be a number of bytes, such as 1000000, 64Ki, 8Mi or 2Gi`,
		"stateDir: must not be empty",
		"node: \"Gateway_3\": must be a DNS subdomain",
		"classes[0].maxBytes: 1024: must be at least ",
		`classes[1].name: "telemetry": duplicate value`,
		`classes[1].whenFull: "Wait": must be one of Refuse, DropOldest`,
		"classes[1].maxMessageBytes: 2097152: must be between 1 and 1048576",
		"classes[1].maxAge: 1s: must be 0 or at least 1m",
		"uplink.address: must have no user and password",
		"uplink.tls: certificate and key: must both be set or both be empty",
		"uplink.username: must not be empty with a passwordFile",
		`uplink.protocol: "4": must be one of 5, 3.1.1`,
		"uplink.keepAlive: 1ms: must be between 1s and 1h0m0s",
		"uplink.maxBackoff: 2h0m0s: must be between 1s and 1h0m0s",
		"relay.listen.tls.certificate: must not be empty: 0.0.0.0:1883 is not a loopback address (or set plaintext)",
		"relay.listen.maxConnections: -1: must be between 1 and 10000",
		"relay.broker.tls: must be empty with mqtt://",
		"relay.broker.address: must be mqtts:// with a passwordFile",
		`routes[0].filter: "a/#/b": # must be the last level`,
		`routes[1].filter: "skerry/v1/#": must not begin with skerry or $`,
		`routes[1].class: "alarms": must be one of the classes: telemetry, telemetry`,
		"delivery.backlogPercent: 100: must be between 1 and 99",
		"delivery.windowMessages: -1: must be between 1 and 10000",
		"delivery.windowBytes: 1024: must be between 1048576 and 67108864",
		"delivery.maxResendAfter: 1s: must be between 10s and 24h0m0s",
		`sensors[0].name: "Temp": must be a DNS label`,
		`sensors[0].class: "none": must be one of the classes`,
		`sensors[0].unit: "C": must be a code of UCUM: did you mean Cel (C is coulomb)?`,
		`sensors[0].driver: "thermometer": must be one of simulated, file, modbus, onewire`,
		"sensors[1].unit: \"\": must be a code of UCUM, such as Cel, % or hPa",
		"sensors[1].interval: 1ms: must be between 10ms and 24h0m0s",
		"sensors[1].simulated: must be empty: the driver is file",
		"sensors[1].file: must not be empty",
		`sensors[2].name: "a": duplicate value`,
		"sensors[2].unit: \"m(\": must be a code of UCUM: brackets must be balanced",
		`sensors[2].file.path: "relative": must be an absolute path`,
		`sensors[3].unit: "a b": must be a code of UCUM: ' ' is not allowed`,
		`sensors[3].modbus.address: "plc": must be host:port, with a port between 1 and 65535`,
		"sensors[3].modbus.unitID: 300: must be between 1 and 255",
		"sensors[3].modbus.register: 70000: must be between 0 and 65535",
		`sensors[3].modbus.table: "coil": must be one of holding, input`,
		`sensors[3].modbus.type: "double": must be one of uint16, int16, uint32, int32, float32`,
		`sensors[3].modbus.wordOrder: "little": must be one of high-first, low-first`,
		`sensors[4].onewire.device: "../x": must be the name of a 1-Wire device, such as 28-0316a2795bff`,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Contains(text, "secret") {
		t.Error("the message shows a password")
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestDesiredStateReplacesOnlyWhatItHas(t *testing.T) {
	file := minimal + `
sensors: [{name: a, driver: simulated, unit: Cel, simulated: {}}]
delivery: {backlogPercent: 20}
`
	config, problems := Parse([]byte(file), []byte(`{"version": "7", "sensors": []}`))
	if len(problems) > 0 || len(config.Sensors) != 0 || config.Delivery.BacklogPercent != 20 || config.Node != "gateway-3" {
		t.Errorf("got %+v: %v", config, problems)
	}
	for _, each := range []string{
		`{"version": "7", "uplink": {"address": "mqtt://elsewhere"}}`, `{"version": "7", "node": "other"}`, `{"version": "7", "stateDir": "/tmp"}`,
		`{"version": "7", "relay": {}}`,
	} {
		if _, problems := Parse([]byte(file), []byte(each)); len(problems) == 0 || !strings.Contains(problems.Error(), "unknown field") {
			t.Errorf("%s: got %v: the desired state must not be able to cut the agent off", each, problems)
		}
	}
	if _, problems := Parse([]byte(file), []byte(`{"sensors": [{"name": "b"}]}`)); !strings.Contains(problems.Error(), "version: must not be empty") || !strings.Contains(problems.Error(), "sensors[0].driver") {
		t.Errorf("got %v", problems)
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{"0": 0, "1000": 1000, "64Ki": 64 << 10, "8Mi": 8 << 20, "2Gi": 2 << 30} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: got %d: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "Ki", "-1", "1.5Gi", "1K", "1iK", "9000000Ti", "10000000000000Mi"} {
		var got Bytes
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%s: got %d, want an error", text, got)
		}
	}
}
