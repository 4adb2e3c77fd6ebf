// Package brokerflags has the flags with which programs connect to an MQTT broker.
package brokerflags

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/skerry-dev/skerry/runtime/pkg/mqttclient"
)

// Flags are the values of the flags.
type Flags struct {
	// prefix begins the names of the flags.
	prefix                                  string
	broker, version, clientID, username     string
	passwordFile, caFile, certFile, keyFile string
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
	to.StringVar(&f.broker, prefix+"broker", "", "`URL` of the broker: mqtts://HOST[:PORT] or mqtt://HOST[:PORT]")
	to.StringVar(&f.version, prefix+"mqtt-version", "5", "`version` of MQTT: 5 or 3.1.1")
	to.StringVar(&f.clientID, prefix+"client-id", clientID, "`name` of this client, unique among those of the broker")
	to.StringVar(&f.username, prefix+"username", "", "user `name` at the broker")
	to.StringVar(&f.passwordFile, prefix+"password-file", "", "`file` with the password of the user")
	to.StringVar(&f.caFile, prefix+"ca-file", "", "`file` with the certificates of the broker's authority, PEM (default: the system's authorities)")
	to.StringVar(&f.certFile, prefix+"cert-file", "", "`file` with this client's certificate, PEM")
	to.StringVar(&f.keyFile, prefix+"key-file", "", "`file` with the key of the certificate, PEM")
	return f
}

// IsSet tells whether a broker is named.
func (f *Flags) IsSet() bool { return f.broker != "" }

// Check returns all problems of the values.
func (f *Flags) Check() error {
	var problems []error
	problem := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("--"+f.prefix+name+": "+format, args...))
	}
	_, secure, err := mqttclient.ParseAddress(f.broker)
	switch {
	case f.broker == "":
		problem("broker", "is required")
	case err != nil:
		problem("broker", "%w", err)
	case !secure && (f.caFile != "" || f.certFile != ""):
		problem("broker", "%q: scheme must be mqtts with certificates", f.broker)
	}
	if _, err := mqttclient.ParseVersion(f.version); err != nil {
		problem("mqtt-version", "%w", err)
	}
	if f.clientID == "" {
		problem("client-id", "must not be empty")
	}
	if f.passwordFile != "" && f.username == "" {
		problem("username", "is required with a password")
	}
	if (f.certFile == "") != (f.keyFile == "") {
		problem("cert-file", "must be set together with --%skey-file", f.prefix)
	}
	return errors.Join(problems...)
}

// Dial connects to the broker. It reads the files each time, because certificates and passwords change while a program runs.
func (f *Flags) Dial(ctx context.Context) (*mqttclient.Client, error) {
	options := mqttclient.Options{Address: f.broker, ClientID: f.clientID, Username: f.username, TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	var err error
	if options.Version, err = mqttclient.ParseVersion(f.version); err != nil {
		return nil, err
	}
	if f.passwordFile != "" {
		password, err := os.ReadFile(f.passwordFile)
		if err != nil {
			return nil, err
		}
		options.Password = strings.TrimRight(string(password), "\r\n")
	}
	if f.caFile != "" {
		certificates, err := os.ReadFile(f.caFile)
		if err != nil {
			return nil, err
		}
		options.TLS.RootCAs = x509.NewCertPool()
		if !options.TLS.RootCAs.AppendCertsFromPEM(certificates) {
			return nil, fmt.Errorf("%s: must have a certificate in PEM", f.caFile)
		}
	}
	if f.certFile != "" {
		certificate, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
		if err != nil {
			return nil, err
		}
		options.TLS.Certificates = []tls.Certificate{certificate}
	}
	return mqttclient.Dial(ctx, options)
}
