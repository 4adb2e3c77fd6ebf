package main

import (
	"crypto/tls"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/certificatetest"
	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// TestCertificateExpiresWhileOffline lets the certificate of the agent expire while the link is down. It stays offline,
// loses nothing, and uses the renewed certificate without a restart.
func TestCertificateExpiresWhileOffline(t *testing.T) {
	issuer := certificatetest.New(t)
	dir := t.TempDir()
	issuer.Write(filepath.Join(dir, "ca.crt"))
	pool, err := mqtt.ReadAuthorities(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	serverCertificate, serverKey := issuer.Issue(dir, "server", "server", time.Hour)
	pair, err := tls.LoadX509KeyPair(serverCertificate, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	secured := edgetest.StartBroker(t, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool})
	// The cloud stays connected, with a certificate of its own.
	cloud := edgetest.StartCloudTLS(t, secured.Address, mqtt.TLSFiles{CA: filepath.Join(dir, "ca.crt"), Certificate: serverCertificate, Key: serverKey})
	proxy := edgetest.StartProxy(t, secured.Address)
	certificate, key := issuer.Issue(dir, "agent", "agent", 3*time.Second)
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
	issuer.Issue(dir, "agent", "agent", time.Hour)
	l.expectDelivery(cloud, l.device)
	if strings.Contains(a.logged(), "PRIVATE KEY") {
		t.Error("the log shows a key")
	}
}

// TestListenerWithCertificates lets devices in that have a certificate of the right authority, and shows them a renewed one
// of the listener without a restart.
func TestListenerWithCertificates(t *testing.T) {
	issuer, other := certificatetest.New(t), certificatetest.New(t)
	dir := t.TempDir()
	ca, otherCA := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "other.crt")
	issuer.Write(ca)
	other.Write(otherCA)
	certificate, key := issuer.Issue(dir, "listener", "listener", time.Hour)
	deviceCertificate, deviceKey := issuer.Issue(dir, "device", "device", time.Hour)
	strangerCertificate, strangerKey := other.Issue(dir, "stranger", "stranger", time.Hour)
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
	other.Issue(dir, "listener", "listener", time.Hour)
	renewed := &edgetest.Device{Name: "d", TLS: mqtt.TLSFiles{CA: otherCA, Certificate: deviceCertificate, Key: deviceKey}}
	if err := renewed.Connect(t.Context(), l.listen); err != nil {
		t.Errorf("the renewed certificate of the listener is not used: %v", err)
	}
	l.publish(100)
	l.expectDelivery(l.cloud, l.device)
}
