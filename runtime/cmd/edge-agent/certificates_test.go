package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// authority issues certificates.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	der, key := a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, time.Hour)
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.certificate, a.key = certificate, key
	return a
}

func (a *authority) sign(template *x509.Certificate, validity time.Duration) ([]byte, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.serial++
	template.SerialNumber = big.NewInt(a.serial)
	template.Subject = pkix.Name{CommonName: fmt.Sprint("test ", a.serial)}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(validity)
	parent, parentKey := a.certificate, a.key
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// issue writes a certificate for 127.0.0.1 and its key to files.
func (a *authority) issue(dir, name string, validity time.Duration) (certificate, key string) {
	a.t.Helper()
	der, private := a.sign(&x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}, validity)
	text, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		a.t.Fatal(err)
	}
	certificate, key = filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	a.write(certificate, "CERTIFICATE", der)
	a.write(key, "PRIVATE KEY", text)
	return certificate, key
}

func (a *authority) write(path, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// TestCertificateExpiresWhileOffline lets the certificate of the agent expire while the link is down. It stays offline,
// loses nothing, and uses the renewed certificate without a restart.
func TestCertificateExpiresWhileOffline(t *testing.T) {
	issuer := newAuthority(t)
	dir := t.TempDir()
	issuer.write(filepath.Join(dir, "ca.crt"), "CERTIFICATE", issuer.certificate.Raw)
	pool, err := mqtt.ReadAuthorities(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	serverCertificate, serverKey := issuer.issue(dir, "server", time.Hour)
	pair, err := tls.LoadX509KeyPair(serverCertificate, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	secured := edgetest.StartBroker(t, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
	// The cloud stays connected, with a certificate of its own.
	cloud := edgetest.StartCloudTLS(t, secured.Address, mqtt.TLSFiles{CA: filepath.Join(dir, "ca.crt"), Certificate: serverCertificate, Key: serverKey})
	proxy := edgetest.StartProxy(t, secured.Address)
	certificate, key := issuer.issue(dir, "agent", 3*time.Second)
	a := newAgent(t, settings{uplink: proxy.Address, moreUplink: fmt.Sprintf(`, "tls": {"ca": %q, "certificate": %q, "key": %q}`, filepath.Join(dir, "ca.crt"), certificate, key)})
	a.start()
	l := &link{agent: a, cloud: cloud, proxy: proxy, device: &edgetest.Device{Name: "a"}}
	l.connect(l.device)
	l.publish(100)
	l.eventually("the agent connects", l.isConnected)
	proxy.Set(edgetest.Refuse)
	l.publish(100)
	time.Sleep(3 * time.Second)
	proxy.Set(edgetest.Pass)
	l.eventually("the agent explains why it is offline", func() bool {
		return strings.Contains(a.logged(), "the client certificate is valid from")
	})
	if l.isConnected() {
		t.Error("the agent is connected with an expired certificate")
	}
	l.publish(100)
	issuer.issue(dir, "agent", time.Hour)
	l.expectDelivery(cloud, l.device)
	if strings.Contains(a.logged(), "PRIVATE KEY") {
		t.Error("the log shows a key")
	}
}

// TestListenerWithCertificates lets devices in that have a certificate of the right authority, and shows them a renewed one
// of the listener without a restart.
func TestListenerWithCertificates(t *testing.T) {
	issuer, other := newAuthority(t), newAuthority(t)
	dir := t.TempDir()
	ca, otherCA := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "other.crt")
	issuer.write(ca, "CERTIFICATE", issuer.certificate.Raw)
	other.write(otherCA, "CERTIFICATE", other.certificate.Raw)
	certificate, key := issuer.issue(dir, "listener", time.Hour)
	deviceCertificate, deviceKey := issuer.issue(dir, "device", time.Hour)
	strangerCertificate, strangerKey := other.issue(dir, "stranger", time.Hour)
	broker := edgetest.StartBroker(t, nil)
	l := &link{cloud: edgetest.StartCloud(t, broker.Address), device: &edgetest.Device{
		Name: "a", TLS: mqtt.TLSFiles{CA: ca, Certificate: deviceCertificate, Key: deviceKey},
	}}
	l.agent = newAgent(t, settings{uplink: broker.Address, moreListen: fmt.Sprintf(`, "tls": {"certificate": %q, "key": %q, "clientCA": %q}`, certificate, key, ca)})
	l.start()
	l.connect(l.device)
	l.publish(100)
	for name, files := range map[string]mqtt.TLSFiles{
		"without a certificate": {CA: ca}, "of another authority": {CA: ca, Certificate: strangerCertificate, Key: strangerKey},
	} {
		if err := (&edgetest.Device{Name: "b", TLS: files}).Connect(t.Context(), l.listen); err == nil {
			t.Errorf("a device %s was let in", name)
		}
	}
	if err := (&edgetest.Device{Name: "c"}).Connect(t.Context(), l.listen); err == nil {
		t.Error("a device without TLS was let in")
	}
	other.issue(dir, "listener", time.Hour)
	renewed := &edgetest.Device{Name: "d", TLS: mqtt.TLSFiles{CA: otherCA, Certificate: deviceCertificate, Key: deviceKey}}
	if err := renewed.Connect(t.Context(), l.listen); err != nil {
		t.Errorf("the renewed certificate of the listener is not used: %v", err)
	}
	l.publish(100)
	l.expectDelivery(l.cloud, l.device)
}
