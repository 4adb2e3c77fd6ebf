package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
)

// startDatastore starts etcd for a server on an address whose ports are free.
func startDatastore(t *testing.T, s *server) {
	t.Helper()
	for i := 1; s.Address == ""; i++ {
		address := fmt.Sprintf("127.250.0.%d", i)
		listener, err := net.Listen("tcp", address+":2379")
		if err == nil {
			_ = listener.Close()
			s.Address = address
		} else if i == 200 {
			t.Fatalf("no free loopback address: %v", err)
		}
	}
	s.Hostname, s.MachineID, s.settings = "server-01", "0123456789abcdef", Settings{NodeLease: DefaultNodeLease, Election: DefaultElection}
	issueEtcdCertificates(t, s)
	etcd, err := s.startEtcd(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	s.etcd = etcd
	t.Cleanup(func() {
		if s.etcd == etcd {
			etcd.Close()
		}
	})
}

// issueEtcdCertificates writes the certificates of etcd to the directory of a server.
func issueEtcdCertificates(t *testing.T, s *server) {
	t.Helper()
	for _, leaf := range []struct {
		name, authority string
		hosts           []string
	}{{"server", "etcd/server-ca", []string{s.Address}}, {"client", "etcd/server-ca", nil}, {"peer", "etcd/peer-ca", []string{s.Address}}} {
		certificate, key, err := s.authorities[leaf.authority].Issue(authority.Request{CommonName: leaf.name, Hosts: leaf.hosts})
		if err != nil {
			t.Fatal(err)
		}
		for name, content := range map[string][]byte{
			"tls/etcd/" + leaf.name + ".crt": certificate, "tls/etcd/" + leaf.name + ".key": key,
			"tls/" + leaf.authority + ".crt": s.authorities[leaf.authority].Bundle(),
		} {
			if _, err := s.write(name, content); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAServerStartsOnlyWithTheTokenOfItsDatastore(t *testing.T) {
	ctx := context.Background()
	s, _ := newServer(t)
	startDatastore(t, s)
	// The first start creates the bootstrap data, and later ones find it.
	for range 2 {
		if err := s.openBootstrapData(ctx); err != nil {
			t.Fatal(err)
		}
	}
	restart := func(password string) error {
		s.credentials.server = password
		return s.openBootstrapData(ctx)
	}
	if err := restart("new"); !errors.Is(err, errOtherToken) {
		t.Errorf("got error %v, want %v", err, errOtherToken)
	}

	s.credentials.server = serverPassword
	response := httptest.NewRecorder()
	s.rotateServerToken(response, httptest.NewRequest(http.MethodPut, "/v1-k3s/token", strings.NewReader(`{"newToken":"new"}`)), nil)
	if response.Code != http.StatusOK || s.passwords().server != "new" {
		t.Fatalf("got status %d: %s", response.Code, response.Body)
	}
	if err := restart("new"); err != nil {
		t.Errorf("got error %v with the new token, want none", err)
	}
	if err := restart(serverPassword); !errors.Is(err, errOtherToken) {
		t.Errorf("got error %v with the old token, want %v", err, errOtherToken)
	}
}
