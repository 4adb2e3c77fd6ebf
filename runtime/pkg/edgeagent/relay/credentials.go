package relay

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"os"

	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// Credentials names the files of a listener. They are read at each connection, so that renewed ones take effect.
type Credentials struct {
	Certificate, Key string
	// ClientCA has the authorities of the devices. With it, devices must present a certificate.
	ClientCA string
	// PasswordFile has lines of user:password. With it, devices must present one of them.
	PasswordFile string
}

// tlsConfig returns the configuration of the listener, or nil without TLS.
func (c Credentials) tlsConfig() *tls.Config {
	if c.Certificate == "" {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
			if err != nil {
				return nil, err
			}
			config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
			if c.ClientCA != "" {
				config.ClientAuth = tls.RequireAndVerifyClientCert
				if config.ClientCAs, err = mqtt.ReadAuthorities(c.ClientCA); err != nil {
					return nil, err
				}
			}
			return config, nil
		},
	}
}

// allows tells whether a user has a password.
func (c Credentials) allows(user string, password []byte) (bool, error) {
	if c.PasswordFile == "" {
		return true, nil
	}
	text, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return false, err
	}
	// Hashes have equal lengths, so that the time of the comparison tells nothing.
	offered := sha256.Sum256(fmt.Appendf(nil, "%s:%s", user, password))
	allowed := 0
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if len(lines.Bytes()) > 0 {
			line := sha256.Sum256(lines.Bytes())
			allowed |= subtle.ConstantTimeCompare(line[:], offered[:])
		}
	}
	return allowed == 1, nil
}
