package mqttclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"
)

// Version is a version of MQTT.
type Version byte

const (
	// V311 is MQTT 3.1.1.
	V311 Version = 4
	// V5 is MQTT 5.
	V5 Version = 5
)

// ParseVersion parses 3.1.1 or 5.
func ParseVersion(text string) (Version, error) {
	switch text {
	case "3.1.1":
		return V311, nil
	case "5":
		return V5, nil
	}
	return 0, fmt.Errorf("%q: must be one of 3.1.1, 5", text)
}

// Options configure a connection.
type Options struct {
	// Address is mqtt://host[:port] or mqtts://host[:port]. Default ports are 1883 and 8883.
	Address string
	// TLS is used with mqtts.
	TLS *tls.Config
	// Version must be V311 or V5. Default: V5.
	Version Version
	// ClientID must be unique among the clients of the broker.
	ClientID           string
	Username, Password string
	// KeepAlive is how long the connection may be silent. Default: 30 s.
	KeepAlive time.Duration
	// ReceiveMaximum limits the messages that are received and not acknowledged. With MQTT 3.1.1, the broker decides; a
	// message that exceeds four times the limit is not delivered and never acknowledged. Default: 2000.
	ReceiveMaximum uint16
	// MaxPayload is the size in bytes above which a payload is cut off. Default: 1 MiB.
	MaxPayload int
}

func (o Options) withDefaults() Options {
	if o.Version == 0 {
		o.Version = V5
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 30 * time.Second
	}
	if o.ReceiveMaximum == 0 {
		o.ReceiveMaximum = 2000
	}
	if o.MaxPayload == 0 {
		o.MaxPayload = 1 << 20
	}
	return o
}

// ParseAddress checks the address of a broker and returns host:port and whether it uses TLS.
func ParseAddress(address string) (hostPort string, secure bool, err error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", false, fmt.Errorf("%q: must be a URL", address)
	}
	port := "1883"
	switch parsed.Scheme {
	case "mqtt":
	case "mqtts":
		port, secure = "8883", true
	default:
		return "", false, fmt.Errorf("%q: scheme must be one of mqtt, mqtts", address)
	}
	if parsed.User != nil {
		return "", false, errors.New("must have no user and password: pass the password in a file")
	}
	if parsed.Hostname() == "" || parsed.Path != "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return "", false, fmt.Errorf("%q: must be %s://host[:port]", address, parsed.Scheme)
	}
	if parsed.Port() != "" {
		port = parsed.Port()
	}
	return net.JoinHostPort(parsed.Hostname(), port), secure, nil
}
