package agent

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// RejectedError is an error that retrying cannot resolve: the server, or K3s on the machine, rejects the configuration.
type RejectedError struct{ reason string }

func (e RejectedError) Error() string { return e.reason }

func reject(format string, args ...any) error { return RejectedError{fmt.Sprintf(format, args...)} }

const callTimeout = 10 * time.Second

// token is a parsed K3s token.
type token struct{ hash, user, password string }

func parseToken(text string) (token, error) {
	if text == "" {
		return token{}, reject("token must not be empty: K3s would fail with \"--token is required\"")
	}
	rest, secure := strings.CutPrefix(text, "K10")
	if !secure {
		return token{user: "node", password: text}, nil
	}
	hash, credentials, found := strings.Cut(rest, "::")
	if !found || len(hash) != 64 {
		return token{}, reject("invalid token format: must be K10<64 hex digits>::<user>:<password>")
	}
	_, password, found := strings.Cut(credentials, ":")
	if !found {
		return token{}, reject("invalid token format: must contain a password after the user")
	}
	return token{hash: hash, user: "node", password: password}, nil
}

// Machine is a machine that joins a cluster.
type Machine struct {
	Hostname string
	Address  string
	Hardware Hardware
	Config   userdata.Config
}

// Join joins the cluster like a K3s agent: it fetches the certificate authority, compares it with the token's hash, requests
// a certificate with the token's password, and registers a Node with that certificate. It leaves an existing Node unchanged,
// because labels and taints apply only when a node registers.
func (m Machine) Join(ctx context.Context) error {
	server := strings.TrimSuffix(m.Config.String("server", ""), "/")
	if server == "" {
		return reject("server must not be empty: K3s would fail with \"--server is required\"")
	}
	credentials, err := parseToken(m.Config.String("token", ""))
	if err != nil {
		return err
	}
	node, err := NewNode(m.Config.String("node-name", m.Hostname), m.Address, m.Hardware, m.Config)
	if err != nil {
		return RejectedError{err.Error()}
	}
	bundle, err := fetchAuthority(ctx, server, credentials.hash)
	if err != nil {
		return err
	}
	certificate, key, err := fetchKubeletCertificate(ctx, server, bundle, credentials, node.Name)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(&rest.Config{
		Host: server, Timeout: callTimeout, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: bundle, CertData: certificate, KeyData: key},
		ContentConfig:   rest.ContentConfig{ContentType: "application/vnd.kubernetes.protobuf"},
	})
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{FieldManager: "kubelet"})
	switch {
	case err == nil, apierrors.IsAlreadyExists(err):
		return nil
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err), apierrors.IsUnauthorized(err):
		return reject("%s rejected the node: %v", server, err)
	}
	return fmt.Errorf("%s: %w", server, err)
}

// fetchAuthority fetches the server's certificate authority and verifies it with the hash from the token, if there is one.
func fetchAuthority(ctx context.Context, server, hash string) ([]byte, error) {
	bundle, err := get(ctx, server+"/cacerts", &tls.Config{InsecureSkipVerify: true}, nil)
	if err != nil {
		return nil, err
	}
	if hash == "" {
		return bundle, nil
	}
	got, err := authority.Hash(bundle)
	if err != nil {
		return nil, err
	}
	if got != hash {
		return nil, reject("token CA hash does not match the Cluster CA certificate hash of %s: %s != %s", server, hash, got)
	}
	again, err := get(ctx, server+"/cacerts", verifyingConfig(bundle), nil)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(bundle, again) {
		return nil, reject("%s served two different authorities", server)
	}
	return bundle, nil
}

func verifyingConfig(bundle []byte) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	return &tls.Config{RootCAs: roots}
}

func fetchKubeletCertificate(ctx context.Context, server string, bundle []byte, credentials token, name string) (certificate, key []byte, err error) {
	body, err := get(ctx, server+"/v1-k3s/client-kubelet.crt", verifyingConfig(bundle), func(r *http.Request) {
		r.SetBasicAuth(credentials.user, credentials.password)
		r.Header.Set("k3s-Node-Name", name)
	})
	if err != nil {
		return nil, nil, err
	}
	for rest := body; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" {
			certificate = append(certificate, pem.EncodeToMemory(block)...)
		} else {
			key = pem.EncodeToMemory(block)
		}
	}
	if certificate == nil || key == nil {
		return nil, nil, fmt.Errorf("%s sent no certificate", server)
	}
	return certificate, key, nil
}

func get(ctx context.Context, url string, config *tls.Config, prepare func(*http.Request)) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, reject("server: must be a URL, got %q", url)
	}
	if prepare != nil {
		prepare(request)
	}
	client := &http.Client{Timeout: callTimeout, Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		var verification *tls.CertificateVerificationError
		if errors.As(err, &verification) {
			return nil, reject("%s: %v", url, verification)
		}
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	switch response.StatusCode {
	case http.StatusOK:
		return body, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, reject("%s: 401 Unauthorized: the token's password is wrong", url)
	}
	return nil, fmt.Errorf("%s: %s", url, response.Status)
}
