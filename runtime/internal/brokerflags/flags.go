// Package brokerflags has the flags with which programs connect to an MQTT broker.
package brokerflags

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// Flags are the values of the flags.
type Flags struct {
	// prefix begins the names of the flags.
	prefix  string
	version string
	options mqtt.Options
}

// Register registers the flags --broker and so on. The default of --client-id is the name of a program and of the host.
func Register(to *flag.FlagSet, program string) *Flags { return RegisterWith(to, "", program) }

// RegisterWith registers flags whose names begin with a prefix.
func RegisterWith(to *flag.FlagSet, prefix, program string) *Flags {
	clientID := program
	if host, err := os.Hostname(); err == nil {
		clientID += "-" + host
	}
	f := &Flags{prefix: prefix}
	to.StringVar(&f.options.Address, prefix+"broker", "", "`URL` of the broker: mqtts://HOST[:PORT] or mqtt://HOST[:PORT]")
	to.StringVar(&f.version, prefix+"mqtt-version", "5", "`version` of MQTT: 5 or 3.1.1")
	to.StringVar(&f.options.ClientID, prefix+"client-id", clientID, "`name` of this client, unique among those of the broker")
	to.StringVar(&f.options.Username, prefix+"username", "", "user `name` at the broker")
	to.StringVar(&f.options.PasswordFile, prefix+"password-file", "", "`file` with the password of the user")
	to.StringVar(&f.options.TLS.CA, prefix+"ca-file", "", "`file` with the certificates of the broker's authority, PEM (default: the system's authorities)")
	to.StringVar(&f.options.TLS.Certificate, prefix+"cert-file", "", "`file` with this client's certificate, PEM")
	to.StringVar(&f.options.TLS.Key, prefix+"key-file", "", "`file` with the key of the certificate, PEM")
	return f
}

// IsSet tells whether a broker is named.
func (f *Flags) IsSet() bool { return f.options.Address != "" }

// Check returns all problems of the values. It must be called before Connect.
func (f *Flags) Check() error {
	var problems []error
	problem := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("--"+f.prefix+name+": "+format, args...))
	}
	address, err := mqtt.ParseAddress(f.options.Address)
	switch {
	case f.options.Address == "":
		problem("broker", "is required")
	case err != nil:
		problem("broker", "%w", err)
	case address.Scheme != "mqtts" && (f.options.TLS.CA != "" || f.options.TLS.Certificate != ""):
		problem("broker", "%q: scheme must be mqtts with certificates", f.options.Address)
	}
	if f.options.Version, err = mqtt.ParseVersion(f.version); err != nil {
		problem("mqtt-version", "%w", err)
	}
	if f.options.ClientID == "" {
		problem("client-id", "must not be empty")
	}
	if f.options.PasswordFile != "" && f.options.Username == "" {
		problem("username", "is required with a password")
	}
	if (f.options.TLS.Certificate == "") != (f.options.TLS.Key == "") {
		problem("cert-file", "must be set together with --%skey-file", f.prefix)
	}
	return errors.Join(problems...)
}

// Connect connects to the broker.
func (f *Flags) Connect(ctx context.Context) (*mqtt.BlockingClient, error) {
	return mqtt.ConnectBlocking(ctx, f.options)
}
