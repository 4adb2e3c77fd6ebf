package mqtt

import (
	"fmt"

	"github.com/mochi-mqtt/server/v2/packets"
)

// reasons are the refusals of MQTT 5 that a client of a broker meets.
var reasons = map[byte]string{
	0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error", 0x83: "implementation specific error",
	0x84: "unsupported protocol version", 0x85: "client identifier not valid", 0x86: "bad user name or password",
	0x87: "not authorized", 0x88: "server unavailable", 0x89: "server busy", 0x8a: "banned", 0x8b: "server shutting down",
	0x8c: "bad authentication method", 0x8d: "keep alive timeout", 0x8e: "session taken over by a client with the same identifier", 0x8f: "topic filter invalid",
	0x90: "topic name invalid", 0x93: "receive maximum exceeded", 0x95: "packet too large", 0x96: "message rate too high",
	0x97: "quota exceeded", 0x98: "administrative action", 0x99: "payload format invalid", 0x9a: "retain not supported",
	0x9b: "QoS not supported", 0x9c: "use another server", 0x9d: "server moved", 0x9e: "shared subscriptions not supported",
	0x9f: "connection rate exceeded", 0xa1: "subscription identifiers not supported", 0xa2: "wildcard subscriptions not supported",
}

// connectReasons311 are the refusals of a connection in MQTT 3.1.1.
var connectReasons311 = map[byte]string{
	1: "unacceptable protocol version", 2: "client identifier rejected", 3: "server unavailable",
	4: "bad user name or password", 5: "not authorized",
}

// ReasonName returns the name of a refusal of MQTT 5.
func ReasonName(code byte) string {
	if name := reasons[code]; name != "" {
		return name
	}
	return fmt.Sprintf("reason 0x%02x", code)
}

func connectReason(version byte, answer *packets.Packet) string {
	if version == Version5 {
		return ReasonName(answer.ReasonCode)
	}
	if name := connectReasons311[answer.ReasonCode]; name != "" {
		return name
	}
	return ReasonName(answer.ReasonCode)
}
