package mqttclient

import "fmt"

// Reasons that a broker gives for the refusals that operators meet.
var (
	reasons311 = map[byte]string{
		1: "unacceptable protocol version", 2: "client identifier not valid", 3: "server unavailable", 4: "bad user name or password",
		5: "not authorized",
	}
	reasons5 = map[byte]string{
		0x00: "normal disconnection", 0x80: "unspecified error", 0x82: "protocol error", 0x84: "unsupported protocol version",
		0x85: "client identifier not valid", 0x86: "bad user name or password", 0x87: "not authorized", 0x88: "server unavailable",
		0x89: "server busy", 0x8a: "banned", 0x8b: "server shutting down", 0x8d: "keep alive timeout",
		0x8e: "another client uses this client identifier", 0x8f: "topic filter invalid", 0x93: "receive maximum exceeded",
		0x95: "packet too large", 0x97: "quota exceeded", 0x9a: "retain not supported", 0x9b: "QoS not supported",
		0x9e: "shared subscriptions not supported", 0xa1: "subscription identifiers not supported",
	}
)

// reason returns the meaning of a code. MQTT 3.1.1 has other codes in CONNACK.
func (c *Client) reason(code byte, connack bool) string {
	reasons := reasons5
	if connack && c.options.Version == V311 {
		reasons = reasons311
	}
	if text, known := reasons[code]; known {
		return text
	}
	return fmt.Sprintf("reason 0x%02x", code)
}
