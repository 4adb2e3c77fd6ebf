package apiclient

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

// serve runs an API server with TLS, and returns a client with the right authority and the token "first".
func serve(t *testing.T, handler http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	folder := t.TempDir()
	client := &Client{Server: server.URL, TokenFile: filepath.Join(folder, "token"), AuthorityFile: filepath.Join(folder, "ca.crt")}
	write(t, client.TokenFile, "first\n")
	write(t, client.AuthorityFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	return client, server
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRotatedTokensAreUsed(t *testing.T) {
	var tokens []string
	client, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"metadata":{"uid":"u","annotations":{"skerry.dev/capacity":"{}"}}}`)
	})
	node, err := client.Node(t.Context(), "n")
	if err != nil || node != (Node{UID: "u", Capacity: "{}"}) {
		t.Fatalf("got %+v, %v", node, err)
	}
	write(t, client.TokenFile, "second")
	if _, err := client.Node(t.Context(), "n"); err != nil {
		t.Fatal(err)
	}
	if strings.Join(tokens, ",") != "Bearer first,Bearer second" {
		t.Errorf("got %v", tokens)
	}
}

func TestRotatedAuthoritiesAreUsed(t *testing.T) {
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }
	client, _ := serve(t, ok)
	other, _ := serve(t, ok)
	trusted, err := os.ReadFile(client.AuthorityFile)
	if err != nil {
		t.Fatal(err)
	}
	// Test servers share a certificate, so an unrelated one stands for an authority that did not sign it.
	write(t, client.AuthorityFile, unrelatedCertificate)
	if _, err := client.Node(t.Context(), "n"); err == nil {
		t.Error("trusted a server of another authority")
	}
	write(t, client.AuthorityFile, string(trusted))
	if _, err := client.Node(t.Context(), "n"); err != nil {
		t.Error(err)
	}
	write(t, other.AuthorityFile, "no certificate")
	if _, err := other.Node(t.Context(), "n"); err == nil || !strings.Contains(err.Error(), "contains no certificate") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsQuoteTheServersMessageAndNotTheToken(t *testing.T) {
	client, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"kind":"Status","message":"not here"}`)
	})
	err := client.PatchStatus(t.Context(), "n", Status{})
	if !IsNotFound(err) || !strings.Contains(err.Error(), "not here") || strings.Contains(err.Error(), "first") {
		t.Errorf("got %v", err)
	}
	broken, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, strings.Repeat("x", 10_000))
	})
	if err := broken.CreateProfile(t.Context(), "n", "u"); err == nil || IsNotFound(err) || len(err.Error()) > 2*maxErrorText {
		t.Errorf("got %v", err)
	}
}

func TestMicroTimeMatchesKubernetes(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC), time.Date(2026, 11, 27, 9, 30, 0, 123456789, time.FixedZone("", 9*3600)),
	} {
		got, err := json.Marshal(MicroTime(at))
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := json.Marshal(metav1.NewMicroTime(at)); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAnnotationIsTheNodeControllers(t *testing.T) {
	if capacityAnnotation != nodepool.CapacityAnnotation {
		t.Errorf("got %s, want %s", capacityAnnotation, nodepool.CapacityAnnotation)
	}
}

// A node's clock is a year behind when it starts, stands still, and then is set.
func TestClockFollowsTheServer(t *testing.T) {
	server := time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)
	local := server.AddDate(-1, 0, 0)
	clock := &Clock{now: func() time.Time { return local }}
	expect := func(name string, at, want time.Time) {
		t.Helper()
		if got := clock.Correct(at); got.Sub(want).Abs() > tolerance {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	expect("before any response", local, local)
	clock.learn(server.Format(http.TimeFormat))
	expect("a year behind", local, server)
	expect("a sample from before", local.Add(-30*time.Second), server.Add(-30*time.Second))
	for range 3 {
		server = server.Add(30 * time.Second)
		clock.learn(server.Format(http.TimeFormat))
		expect("standing still", local, server)
	}
	local = server
	clock.learn(server.Format(http.TimeFormat))
	expect("set", local, server)
	clock.learn("no date")
	local = server.Add(3 * time.Second)
	if got := clock.Correct(local); !got.Equal(local) {
		t.Errorf("a small difference was corrected: got %v, want %v", got, local)
	}
	if got := (*Clock)(nil).Correct(local); !got.Equal(local) {
		t.Errorf("without a clock: got %v", got)
	}
}
