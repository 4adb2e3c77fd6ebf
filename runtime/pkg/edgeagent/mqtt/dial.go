package mqtt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// writeBuffer limits how much waits in the kernel: what is written there cannot be overtaken by a more urgent message.
const writeBuffer = 64 << 10

// TLSFiles names the files of a TLS connection. They are read at each connection, so that renewed certificates take effect.
type TLSFiles struct {
	// CA has the certificates of the other side's authority. Default: those of the system.
	CA string
	// Certificate and Key identify this side.
	Certificate, Key string
	// ServerName is the name in the broker's certificate. Default: the host of the address.
	ServerName string
}

// Dial connects to mqtt://host:port or, with TLS, mqtts://host:port.
func Dial(ctx context.Context, address string, files TLSFiles) (net.Conn, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	// Keepalives of TCP are off: those of MQTT find a silent link sooner.
	dialer := net.Dialer{KeepAlive: -1}
	port := target.Port()
	if port == "" {
		port = map[string]string{"mqtt": "1883", "mqtts": "8883"}[target.Scheme]
	}
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(target.Hostname(), port))
	if err != nil {
		return nil, err
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(writeBuffer)
	}
	if target.Scheme != "mqtts" {
		return connection, nil
	}
	config, err := clientConfig(files, target.Hostname())
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	secured := tls.Client(connection, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = connection.Close()
		return nil, explainExpiry(err, config)
	}
	return secured, nil
}

func clientConfig(files TLSFiles, host string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if files.ServerName != "" {
		config.ServerName = files.ServerName
	}
	if files.CA != "" {
		pool, err := ReadAuthorities(files.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if files.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// ReadAuthorities reads a file of certificates in PEM.
func ReadAuthorities(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: has no certificate", path)
	}
	return pool, nil
}

// explainExpiry adds that the own certificate is not valid at this time, which the other side's alert does not tell.
func explainExpiry(err error, config *tls.Config) error {
	if len(config.Certificates) == 0 || config.Certificates[0].Leaf == nil {
		return err
	}
	leaf, now := config.Certificates[0].Leaf, time.Now()
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		return errors.Join(err, fmt.Errorf("the client certificate is valid from %s to %s", leaf.NotBefore.Format(time.RFC3339), leaf.NotAfter.Format(time.RFC3339)))
	}
	return err
}
