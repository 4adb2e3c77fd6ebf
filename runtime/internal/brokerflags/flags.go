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
	broker, version, clientID, username     string
	passwordFile, caFile, certFile, keyFile string
}

// Register registers the flags. The default of --client-id is a prefix and the name of the host.
func Register(to *flag.FlagSet, clientID string) *Flags {
	host, _ := os.Hostname()
	if host != "" {
		clientID += "-" + host
	}
	f := &Flags{}
	to.StringVar(&f.broker, "broker", "", "`URL` of the broker: mqtts://HOST[:PORT] or mqtt://HOST[:PORT] (required)")
	to.StringVar(&f.version, "mqtt-version", "5", "`version` of MQTT: 5 or 3.1.1")
	to.StringVar(&f.clientID, "client-id", clientID, "`name` of this client, unique among those of the broker")
	to.StringVar(&f.username, "username", "", "user `name` at the broker")
	to.StringVar(&f.passwordFile, "password-file", "", "`file` with the password of the user")
	to.StringVar(&f.caFile, "ca-file", "", "`file` with the certificates of the broker's authority, PEM (default: the system's authorities)")
	to.StringVar(&f.certFile, "cert-file", "", "`file` with this client's certificate, PEM")
	to.StringVar(&f.keyFile, "key-file", "", "`file` with the key of the certificate, PEM")
	return f
}

// Check returns all problems of the values.
func (f *Flags) Check() error {
	var problems []error
	problem := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("--"+name+": "+format, args...))
	}
	_, secure, err := mqttclient.ParseAddress(f.broker)
	switch {
	case f.broker == "":
		problem("broker", "is required")
	case err != nil:
		problem("broker", "%w", err)
	case !secure && (f.caFile != "" || f.certFile != ""):
		problem("broker", "%q: scheme must be mqtts with --ca-file or --cert-file", f.broker)
	}
	if _, err := mqttclient.ParseVersion(f.version); err != nil {
		problem("mqtt-version", "%w", err)
	}
	if f.clientID == "" {
		problem("client-id", "must not be empty")
	}
	if f.passwordFile != "" && f.username == "" {
		problem("username", "is required with --password-file")
	}
	if (f.certFile == "") != (f.keyFile == "") {
		problem("cert-file, --key-file", "must be set together")
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
