package mqtt

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
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

func dial(ctx context.Context, address string, files TLSFiles) (net.Conn, error) {
	target, err := ParseAddress(address)
	if err != nil {
		return nil, fmt.Errorf("mqtt: address %w", err)
	}
	// Keepalives of TCP are off: those of MQTT find a silent link sooner.
	dialer := net.Dialer{KeepAlive: -1}
	connection, err := dialer.DialContext(ctx, "tcp", target.Host)
	if err != nil {
		return nil, err
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(writeBuffer)
	}
	if target.Scheme != "mqtts" {
		return connection, nil
	}
	config, err := files.config(target.Hostname())
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	secured := tls.Client(connection, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = connection.Close()
		return nil, err
	}
	return secured, nil
}

func (f TLSFiles) config(host string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if f.ServerName != "" {
		config.ServerName = f.ServerName
	}
	if f.CA != "" {
		pool, err := ReadAuthorities(f.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if f.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
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
		return nil, fmt.Errorf("%s: must have a certificate in PEM", path)
	}
	return pool, nil
}

// checkValidity returns an error if the own certificate is not valid at this time.
func (f TLSFiles) checkValidity() error {
	if f.Certificate == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
	if err != nil {
		// Dialing has reported it.
		return nil
	}
	if now := time.Now(); now.After(pair.Leaf.NotAfter) || now.Before(pair.Leaf.NotBefore) {
		return fmt.Errorf("the client certificate is valid from %s to %s", pair.Leaf.NotBefore.Format(time.RFC3339), pair.Leaf.NotAfter.Format(time.RFC3339))
	}
	return nil
}
