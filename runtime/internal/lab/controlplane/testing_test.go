package controlplane

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	bootstrapapi "k8s.io/cluster-bootstrap/token/api"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

const (
	serverPassword = "password-of-servers"
	agentPassword  = "password-of-agents"
)

func newAuthority(t *testing.T, name string) *authority.Authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := authority.Load(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// newServer returns a server with authorities and credentials, and a client of an API with some objects.
func newServer(t *testing.T, objects ...runtime.Object) (*server, kubernetes.Interface) {
	t.Helper()
	s := &server{dir: t.TempDir(), authorities: map[string]*authority.Authority{}}
	for _, name := range authorityNames {
		s.authorities[name] = newAuthority(t, name)
	}
	s.credentials.credentials = credentials{serverPassword, agentPassword}
	var client kubernetes.Interface = fake.NewClientset(objects...)
	s.api.Store(&client)
	return s, client
}

// serve serves the supervisor of a server like a K3s server, and returns its URL and the hash of its authority. Nodes that
// register are created in the API.
func serve(t *testing.T, s *server) (url, hash string) {
	t.Helper()
	supervisor, err := s.supervisor()
	if err != nil {
		t.Fatal(err)
	}
	// The API responds to a registering kubelet that its Node exists already, and accepts its status.
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPatch {
			patch, _ := io.ReadAll(r.Body)
			name := strings.Split(r.URL.Path, "/")[4]
			_, _ = (*s.api.Load()).CoreV1().Nodes().Patch(r.Context(), name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
			_, _ = w.Write([]byte(`{"kind":"Node","apiVersion":"v1"}`))
			return
		}
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"AlreadyExists","code":409}`))
	})
	certificate, key, err := s.authorities["server-ca"].Issue(authority.Request{CommonName: "api", Hosts: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewUnstartedServer(withSupervisor(supervisor, api))
	listener.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert}
	listener.StartTLS()
	t.Cleanup(listener.Close)
	hash, err = authority.Hash(s.authorities["server-ca"].Bundle())
	if err != nil {
		t.Fatal(err)
	}
	return listener.URL, hash
}

// newMachine returns a machine that joins with a token in the secure form.
func newMachine(t *testing.T, url, hash, credentials string) agent.Machine {
	t.Helper()
	return agent.Machine{
		Hostname: "device-01", Address: "127.0.0.2", Root: t.TempDir(),
		Config: userdata.Config{"server": url, "token": "K10" + hash + "::" + credentials},
	}
}

func createNode(t *testing.T, client kubernetes.Interface, name string) *corev1.Node {
	t.Helper()
	node, err := client.CoreV1().Nodes().Create(context.Background(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: "uid-of-node"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

const bootstrapToken = "abc123.0123456789abcdef"

func bootstrapSecret(expires time.Time, change func(*corev1.Secret)) *corev1.Secret {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-abc123", Namespace: metav1.NamespaceSystem},
		Type:       bootstrapapi.SecretTypeBootstrapToken,
		Data: map[string][]byte{
			"token-id": []byte("abc123"), "token-secret": []byte("0123456789abcdef"),
			"expiration":                     []byte(expires.UTC().Format(time.RFC3339)),
			"usage-bootstrap-authentication": []byte("true"),
			"auth-extra-groups":              []byte("system:bootstrappers:k3s:default-node-token"),
		},
	}
	if change != nil {
		change(secret)
	}
	return secret
}
