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
	"github.com/skerry-dev/skerry/runtime/internal/lab/token"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// RejectedError is an error that retrying cannot resolve: the server, or K3s on the machine, rejects the configuration.
type RejectedError struct{ reason string }

func (e RejectedError) Error() string { return e.reason }

func reject(format string, args ...any) error { return RejectedError{fmt.Sprintf(format, args...)} }

const callTimeout = 10 * time.Second

// Machine is a machine that joins a cluster.
type Machine struct {
	Hostname string
	Address  string
	Hardware Hardware
	Config   userdata.Config
	// K3s is the version of K3s on the machine.
	K3s string
	// Root is the directory with the files of the machine.
	Root string
}

// Join joins the cluster like a K3s agent: it fetches the certificate authority, compares it with the token's hash, requests
// a certificate with the token's credentials, and registers a Node with that certificate. A machine that has joined before
// proves its identity with its certificate, so its token may have expired. Of an existing Node, it changes only the version of
// K3s, because labels and taints apply only when a node registers.
func (m Machine) Join(ctx context.Context) error {
	server := strings.TrimSuffix(m.Config.String("server", ""), "/")
	if server == "" {
		return reject("server must not be empty: K3s would fail with \"--server is required\"")
	}
	credentials, err := token.Parse(m.Config.String("token", ""))
	if err != nil {
		return RejectedError{err.Error()}
	}
	node, err := NewNode(m.Config.String("node-name", m.Hostname), m.Address, m.Hardware, m.Config, m.K3s)
	if err != nil {
		return RejectedError{err.Error()}
	}
	bundle, err := fetchAuthority(ctx, server, credentials.Hash)
	if err != nil {
		return err
	}
	certificate, key, err := m.fetchKubeletCertificate(ctx, server, bundle, credentials, node.Name)
	if err != nil {
		return err
	}
	if err := disk(m.Root).saveKubeletCertificate(certificate, key); err != nil {
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
	if apierrors.IsAlreadyExists(err) {
		err = ReportVersion(ctx, client, node.Name, m.K3s)
	}
	switch {
	case err == nil:
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

// fetchKubeletCertificate requests the client certificate of the kubelet. If the server rejects the certificate that the
// machine has, because its Node has been deleted, the token decides.
func (m Machine) fetchKubeletCertificate(ctx context.Context, server string, bundle []byte, credentials token.Token, name string) (certificate, key []byte, err error) {
	password, err := NodePassword(m.Root)
	if err != nil {
		return nil, nil, err
	}
	request := func(certificates []tls.Certificate) ([]byte, error) {
		config := verifyingConfig(bundle)
		config.Certificates = certificates
		return get(ctx, server+"/v1-k3s/client-kubelet.crt", config, func(r *http.Request) {
			if credentials.Bootstrap != "" {
				r.Header.Set("Authorization", "Bearer "+credentials.Bootstrap)
			} else {
				r.SetBasicAuth("node", credentials.Password)
			}
			r.Header.Set("k3s-Node-Name", name)
			r.Header.Set("k3s-Node-Password", password)
		})
	}
	existing := disk(m.Root).kubeletCertificates()
	body, err := request(existing)
	if statusOf(err) == http.StatusUnauthorized && existing != nil {
		body, err = request(nil)
	}
	switch {
	case statusOf(err) == http.StatusUnauthorized:
		return nil, nil, reject("%s: 401 Unauthorized: the token is wrong, expired or revoked", server)
	case statusOf(err) == http.StatusForbidden:
		// Not a rejection: it ends when the Node of the other machine is deleted.
		return nil, nil, fmt.Errorf("node password rejected, duplicate hostname or contents of '%s' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag", nodePasswordFile)
	case err != nil:
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
	if response.StatusCode != http.StatusOK {
		return nil, statusError{url, response.StatusCode}
	}
	return body, nil
}

// statusError is the error of a response with another status than 200.
type statusError struct {
	url  string
	code int
}

func (e statusError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.url, e.code, http.StatusText(e.code))
}

// statusOf returns the status of a response that is an error, or 0.
func statusOf(err error) int {
	var failed statusError
	if errors.As(err, &failed) {
		return failed.code
	}
	return 0
}
