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

// Refused says that trying again would not help: the server, or K3s itself, said no.
type Refused struct{ reason string }

func (r Refused) Error() string { return r.reason }

func refuse(format string, args ...any) error { return Refused{fmt.Sprintf(format, args...)} }

const callTimeout = 10 * time.Second

// token is what K3s makes of the text in a configuration.
type token struct{ hash, user, password string }

func parseToken(text string) (token, error) {
	if text == "" {
		return token{}, refuse("no token in the configuration: K3s would say \"--token is required\"")
	}
	rest, secure := strings.CutPrefix(text, "K10")
	if !secure {
		return token{user: "node", password: text}, nil
	}
	hash, credentials, found := strings.Cut(rest, "::")
	if !found || len(hash) != 64 {
		return token{}, refuse("invalid token format: want K10<64 hex digits>::<user>:<password>")
	}
	_, password, found := strings.Cut(credentials, ":")
	if !found {
		return token{}, refuse("invalid token format: no password behind the user")
	}
	return token{hash: hash, user: "node", password: password}, nil
}

// Machine is one that joins.
type Machine struct {
	Hostname string
	Address  string
	Hardware Hardware
	Config   userdata.Config
}

// Join does what a K3s agent does: fetch the authority, check it against the token's hash, ask for a certificate with
// the token's password, and register a Node with that certificate. A Node that is there already is left as it is:
// labels and taints count when a node registers, and only then.
func (m Machine) Join(ctx context.Context) error {
	server := strings.TrimSuffix(m.Config.String("server", ""), "/")
	if server == "" {
		return refuse("no server in the configuration: K3s would say \"--server is required\"")
	}
	credentials, err := parseToken(m.Config.String("token", ""))
	if err != nil {
		return err
	}
	node, err := Describe(m.Config.String("node-name", m.Hostname), m.Address, m.Hardware, m.Config)
	if err != nil {
		return Refused{err.Error()}
	}
	bundle, err := trustedBundle(ctx, server, credentials.hash)
	if err != nil {
		return err
	}
	certificate, key, err := kubeletCertificate(ctx, server, bundle, credentials, node.Name)
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
		return refuse("%s refused the node: %v", server, err)
	}
	return fmt.Errorf("%s: %w", server, err)
}

// trustedBundle fetches the server's authority without trusting it, and trusts it once it fits the token.
func trustedBundle(ctx context.Context, server, wanted string) ([]byte, error) {
	bundle, err := get(ctx, server+"/cacerts", &tls.Config{InsecureSkipVerify: true}, nil)
	if err != nil {
		return nil, err
	}
	if wanted == "" {
		return bundle, nil
	}
	got, err := authority.Hash(bundle)
	if err != nil {
		return nil, err
	}
	if got != wanted {
		return nil, refuse("token CA hash does not match the Cluster CA certificate hash of %s: %s != %s", server, wanted, got)
	}
	again, err := get(ctx, server+"/cacerts", verified(bundle), nil)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(bundle, again) {
		return nil, refuse("%s served two different authorities", server)
	}
	return bundle, nil
}

func verified(bundle []byte) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	return &tls.Config{RootCAs: roots}
}

func kubeletCertificate(ctx context.Context, server string, bundle []byte, credentials token, name string) (certificate, key []byte, err error) {
	body, err := get(ctx, server+"/v1-k3s/client-kubelet.crt", verified(bundle), func(r *http.Request) {
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
		return nil, refuse("server %q is no URL", url)
	}
	if prepare != nil {
		prepare(request)
	}
	client := &http.Client{Timeout: callTimeout, Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		var wrong *tls.CertificateVerificationError
		if errors.As(err, &wrong) {
			return nil, refuse("%s: %v", url, wrong)
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
		return nil, refuse("%s: 401 Unauthorized: the token's password is not the cluster's", url)
	}
	return nil, fmt.Errorf("%s: %s", url, response.Status)
}
