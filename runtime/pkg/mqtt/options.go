package mqtt

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/mochi-mqtt/server/v2/packets"
)

// Options configure a client.
type Options struct {
	// Address is mqtt://host[:port] or, with TLS, mqtts://host[:port]. Default ports are 1883 and 8883.
	Address string
	TLS     TLSFiles
	// Version must be Version311 or Version5. Default: Version5.
	Version byte
	// ClientID must be unique among the clients of the broker.
	ClientID string
	// Username is optional.
	Username string
	// PasswordFile holds the password. It is read at each connection. A line break at its end is ignored. Optional.
	PasswordFile string
	// KeepAlive is the time within which each side hears from the other. A link that is silent for up to one and a half
	// times as long is closed. Default: 30 s.
	KeepAlive time.Duration
	// SessionExpiry is how long the broker keeps the session after a disconnection. 0 begins a new session at each
	// connection. MQTT 3.1.1 only distinguishes 0 from the rest.
	SessionExpiry time.Duration
	// ReceiveMaximum limits how many messages the broker sends before their PUBACK. MQTT 5 only.
	ReceiveMaximum uint16
	// MaxPayload cuts off payloads that exceed so many bytes. Default: 0, which asks the broker not to send packets that
	// exceed 1 MiB, and ends the connection if it does.
	MaxPayload int
	// OnPublish is called for each message, in order. Nothing else is read until it returns. Messages of QoS 1 are
	// acknowledged by Client.Acknowledge, and not by its return.
	OnPublish func(client *Client, message *packets.Packet)
	// OnAcknowledged is called for each PUBACK. Reasons from 0x80 on are refusals; MQTT 3.1.1 has none.
	OnAcknowledged func(id uint16, reason byte)
}

func (o Options) withDefaults() Options {
	if o.Version == 0 {
		o.Version = Version5
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 30 * time.Second
	}
	return o
}

func (o Options) password() ([]byte, error) {
	if o.PasswordFile == "" {
		return nil, nil
	}
	password, err := os.ReadFile(o.PasswordFile)
	return bytes.TrimRight(password, "\r\n"), err
}

// ParseVersion parses 3.1.1 or 5.
func ParseVersion(text string) (byte, error) {
	switch text {
	case "3.1.1":
		return Version311, nil
	case "5":
		return Version5, nil
	}
	return 0, fmt.Errorf("%q: must be one of 3.1.1, 5", text)
}

// ParseAddress parses mqtt://host[:port] or mqtts://host[:port], and adds the default port.
func ParseAddress(address string) (*url.URL, error) {
	// The message must not show a password.
	if strings.Contains(address, "@") {
		return nil, errors.New("must have no user and password: pass the password in a file")
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q: must be mqtt://host[:port] or mqtts://host[:port]", address)
	}
	port, known := map[string]string{"mqtt": "1883", "mqtts": "8883"}[parsed.Scheme]
	if !known {
		return nil, fmt.Errorf("%q: scheme must be one of mqtt, mqtts", address)
	}
	if parsed.Hostname() == "" || *parsed != (url.URL{Scheme: parsed.Scheme, Host: parsed.Host}) {
		return nil, fmt.Errorf("%q: must be %s://host[:port]", address, parsed.Scheme)
	}
	if parsed.Port() == "" {
		parsed.Host = net.JoinHostPort(parsed.Hostname(), port)
	}
	return parsed, nil
}
