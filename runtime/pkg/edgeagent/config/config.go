// Package config is the configuration of the edge agent: its fields, its defaults, and what it must satisfy.
package config

import "github.com/skerry-dev/skerry/runtime/pkg/outbox"

// Config is the configuration of an agent. The file sets all of it; the desired state from the cloud replaces the fields
// of Remote, which cannot cut the agent off from the cloud.
type Config struct {
	// Node is the name of this device, a DNS subdomain. It is unique among the devices that send to one cloud.
	Node string `json:"node"`
	// StateDir is the folder of the outbox and of the last desired state.
	StateDir string `json:"stateDir"`
	// Uplink is the broker to which messages are sent. Without it, messages are only kept.
	Uplink *Connection `json:"uplink"`
	// Relay accepts the messages of local devices.
	Relay Relay `json:"relay"`
	Shared
}

// Shared are the fields that the desired state may replace as a whole.
type Shared struct {
	// Classes are the kinds of messages and their limits.
	Classes []Class `json:"classes"`
	// Routes choose the class of a device's message by its topic. The first route that matches counts.
	Routes []Route `json:"routes"`
	// Sensors are read by the agent itself.
	Sensors []Sensor `json:"sensors"`
	// Delivery says how messages are sent.
	Delivery Delivery `json:"delivery"`
}

// Class limits the messages of a kind.
type Class struct {
	Name            string            `json:"name"`
	MaxBytes        Bytes             `json:"maxBytes"`
	MaxAge          Duration          `json:"maxAge"`
	WhenFull        outbox.FullPolicy `json:"whenFull"`
	MaxMessageBytes Bytes             `json:"maxMessageBytes"`
}

// Connection is how the agent connects to a broker.
type Connection struct {
	// Address is mqtt://host:port or, with TLS, mqtts://host:port.
	Address  string `json:"address"`
	Protocol string `json:"protocol"`
	ClientID string `json:"clientID"`
	TLS      TLS    `json:"tls"`
	Username string `json:"username"`
	// PasswordFile holds the password. A line break at its end is ignored.
	PasswordFile string   `json:"passwordFile"`
	KeepAlive    Duration `json:"keepAlive"`
	// MaxBackoff limits the time between attempts to connect.
	MaxBackoff Duration `json:"maxBackoff"`
}

// TLS names the files of a TLS connection.
type TLS struct {
	CA          string `json:"ca"`
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	ServerName  string `json:"serverName"`
}

// Delivery says how messages are sent.
type Delivery struct {
	// BacklogPercent is the share of the backlog in the bytes that are sent while live messages wait, too.
	BacklogPercent int `json:"backlogPercent"`
	// WindowMessages and WindowBytes limit what was sent and is not acknowledged by the cloud.
	WindowMessages int   `json:"windowMessages"`
	WindowBytes    Bytes `json:"windowBytes"`
	// ResendAfter is the least time before a message is sent again, or a probe. It doubles with each attempt, up to MaxResendAfter.
	ResendAfter    Duration `json:"resendAfter"`
	MaxResendAfter Duration `json:"maxResendAfter"`
}

// Relay accepts the messages of local devices.
type Relay struct {
	// Listen makes the agent the devices' broker.
	Listen *Listen `json:"listen"`
	// Broker is a broker of the devices, such as Mosquitto, to which the agent subscribes.
	Broker *Connection `json:"broker"`
}

// Listen is the agent's own listener.
type Listen struct {
	// Address is host:port.
	Address string `json:"address"`
	// Plaintext allows a listener without TLS on an address that is not loopback.
	Plaintext bool      `json:"plaintext"`
	TLS       ListenTLS `json:"tls"`
	// PasswordFile has lines of user:password. With it, devices must present one of them.
	PasswordFile   string `json:"passwordFile"`
	MaxConnections int    `json:"maxConnections"`
}

// ListenTLS names the files of a listener.
type ListenTLS struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	// ClientCA has the authorities of the devices. With it, devices must present a certificate.
	ClientCA string `json:"clientCA"`
}

// Route gives the messages on matching topics a class.
type Route struct {
	Filter string `json:"filter"`
	Class  string `json:"class"`
}

// Sensor is read by the agent.
type Sensor struct {
	Name   string `json:"name"`
	Driver string `json:"driver"`
	Class  string `json:"class"`
	// Unit is a code of UCUM, such as Cel.
	Unit     string   `json:"unit"`
	Interval Duration `json:"interval"`
	// Timeout is how long one reading may take.
	Timeout   Duration   `json:"timeout"`
	Simulated *Simulated `json:"simulated"`
	File      *File      `json:"file"`
	Modbus    *Modbus    `json:"modbus"`
	OneWire   *OneWire   `json:"onewire"`
}

// Simulated is a sine wave with noise. Equal settings and seeds give equal readings.
type Simulated struct {
	Mean      float64  `json:"mean"`
	Amplitude float64  `json:"amplitude"`
	Period    Duration `json:"period"`
	Noise     float64  `json:"noise"`
	Seed      uint64   `json:"seed"`
}

// File is a number in a file, such as those of Linux hwmon and iio. The reading is the number times Scale plus Offset.
type File struct {
	Path   string  `json:"path"`
	Scale  float64 `json:"scale"`
	Offset float64 `json:"offset"`
}

// Modbus is a register of a Modbus/TCP device.
type Modbus struct {
	// Address is host:port.
	Address  string `json:"address"`
	UnitID   int    `json:"unitID"`
	Register int    `json:"register"`
	// Table is holding or input.
	Table string `json:"table"`
	// Type is uint16, int16, uint32, int32 or float32.
	Type string `json:"type"`
	// WordOrder of values of 32 bits is high-first or low-first.
	WordOrder string  `json:"wordOrder"`
	Scale     float64 `json:"scale"`
	Offset    float64 `json:"offset"`
}

// OneWire is a temperature sensor on a 1-Wire bus of Linux.
type OneWire struct {
	// Device is the name of the sensor, such as 28-0316a2795bff.
	Device string `json:"device"`
}
