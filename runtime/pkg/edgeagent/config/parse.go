package config

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/strict"
	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

// Remote is the desired state of an agent. The fields that it has replace those of the file as a whole.
type Remote struct {
	// Version names this state in reports. It must not be empty.
	Version string `json:"version"`
	// Classes, Routes, Sensors and Delivery are those of Shared. A field that is absent leaves the file's; an empty list
	// replaces it.
	Classes  []Class   `json:"classes"`
	Routes   []Route   `json:"routes"`
	Sensors  []Sensor  `json:"sensors"`
	Delivery *Delivery `json:"delivery"`
}

// Fingerprint names the contents of a configuration file.
func Fingerprint(document []byte) string {
	sum := sha256.Sum256(document)
	return "sha256:" + hex.EncodeToString(sum[:8])
}

// Parse returns the configuration of a file and of a desired state, which may be nil. It reports all problems at once.
func Parse(file, desired []byte) (Config, strict.Problems) {
	var config Config
	problems := strict.Decode(file, &config)
	if desired != nil {
		remote, more := ParseRemote(desired)
		problems = append(problems, more...)
		remote.replace(&config.Shared)
	}
	config.setDefaults()
	// A value that could not be decoded is absent, which is no second problem.
	return config, add(problems, config.check())
}

// ParseRemote returns a desired state. Parse checks what is in it.
func ParseRemote(document []byte) (Remote, strict.Problems) {
	var remote Remote
	problems := strict.Decode(document, &remote)
	if remote.Version == "" {
		problems = add(problems, strict.Problems{{Path: "version", Message: "must not be empty"}})
	}
	return remote, problems
}

func (r *Remote) replace(shared *Shared) {
	if r.Classes != nil {
		shared.Classes = r.Classes
	}
	if r.Routes != nil {
		shared.Routes = r.Routes
	}
	if r.Sensors != nil {
		shared.Sensors = r.Sensors
	}
	if r.Delivery != nil {
		shared.Delivery = *r.Delivery
	}
}

// add adds the problems that concern other fields.
func add(problems, others strict.Problems) strict.Problems {
	known := map[string]bool{}
	for _, each := range problems {
		known[each.Path] = true
	}
	for _, each := range others {
		if !known[each.Path] {
			problems = append(problems, each)
		}
	}
	return problems
}

const (
	defaultKeepAlive  = Duration(30 * time.Second)
	defaultMaxBackoff = Duration(time.Minute)
)

func setDefault[T comparable](value *T, preset T) {
	var zero T
	if *value == zero {
		*value = preset
	}
}

func (c *Config) setDefaults() {
	if c.Uplink != nil {
		c.Uplink.setDefaults("skerry-" + c.Node)
	}
	if c.Relay.Broker != nil {
		c.Relay.Broker.setDefaults("skerry-relay-" + c.Node)
	}
	if c.Relay.Listen != nil {
		setDefault(&c.Relay.Listen.MaxConnections, 256)
	}
	for index := range c.Classes {
		setDefault(&c.Classes[index].WhenFull, outbox.DropOldest)
		setDefault(&c.Classes[index].MaxMessageBytes, 64<<10)
	}
	setDefault(&c.Delivery.BacklogPercent, 50)
	setDefault(&c.Delivery.WindowMessages, 1000)
	setDefault(&c.Delivery.WindowBytes, 4<<20)
	setDefault(&c.Delivery.ResendAfter, Duration(30*time.Second))
	setDefault(&c.Delivery.MaxResendAfter, Duration(10*time.Minute))
	for index := range c.Sensors {
		c.Sensors[index].setDefaults(c.Classes)
	}
}

func (c *Connection) setDefaults(clientID string) {
	setDefault(&c.Protocol, "5")
	setDefault(&c.ClientID, clientID)
	setDefault(&c.KeepAlive, defaultKeepAlive)
	setDefault(&c.MaxBackoff, defaultMaxBackoff)
}

func (s *Sensor) setDefaults(classes []Class) {
	if len(classes) == 1 {
		setDefault(&s.Class, classes[0].Name)
	}
	setDefault(&s.Interval, Duration(10*time.Second))
	setDefault(&s.Timeout, min(s.Interval, Duration(5*time.Second)))
	if s.Simulated != nil {
		setDefault(&s.Simulated.Period, Duration(time.Hour))
	}
	if s.File != nil {
		setDefault(&s.File.Scale, 1)
	}
	if s.Modbus != nil {
		setDefault(&s.Modbus.UnitID, 1)
		setDefault(&s.Modbus.Table, "holding")
		setDefault(&s.Modbus.Type, "uint16")
		setDefault(&s.Modbus.WordOrder, "high-first")
		setDefault(&s.Modbus.Scale, 1)
	}
}

// Outbox returns the options of the outbox, whose folder is below the state folder.
func (c *Config) Outbox() outbox.Options {
	options := outbox.Options{Dir: c.StateDir, Node: c.Node}
	if c.StateDir != "" {
		options.Dir = outboxDir(c.StateDir)
	}
	for _, each := range c.Classes {
		options.Classes = append(options.Classes, outbox.Class{
			Name: each.Name, MaxBytes: int64(each.MaxBytes), MaxAge: each.MaxAge.Std(), WhenFull: each.WhenFull,
			MaxMessageBytes: int(each.MaxMessageBytes),
		})
	}
	return options
}
