package controlplane

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/request/union"
	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
	"k8s.io/apiserver/pkg/authentication/user"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/kubernetes/plugin/pkg/auth/authenticator/token/bootstrap"
)

// Groups of K3s' own users, who authenticate with the password of a token.
const (
	serverGroup = "k3s:server"
	agentGroup  = "k3s:agent"
)

// authenticator returns the authenticator of the supervisor. Machines authenticate with the password of a token, with a
// bootstrap token, or, after they have joined, with the client certificate of their kubelet.
func (s *server) authenticator() (authenticator.Request, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.authorities["client-ca"].Bundle()) {
		return nil, errors.New("server/tls/client-ca.crt must contain a certificate")
	}
	return union.New(
		authenticator.RequestFunc(s.authenticatePassword),
		bearertoken.New(bootstrap.NewTokenAuthenticator(bootstrapSecrets{server: s})),
		x509request.New(x509.VerifyOptions{
			Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}, x509request.CommonNameUserConversion),
	), nil
}

// authenticatePassword authenticates user "server" with the server token, and user "node" with either token.
func (s *server) authenticatePassword(r *http.Request) (*authenticator.Response, bool, error) {
	name, password, found := r.BasicAuth()
	if !found {
		return nil, false, nil
	}
	passwords := s.passwords()
	isServer := matches(password, passwords.server)
	switch {
	case name == "server" && isServer:
		return response("server", serverGroup, agentGroup), true, nil
	case name == "node" && (isServer || matches(password, passwords.agent)):
		return response("node", agentGroup), true, nil
	}
	return nil, false, errors.New("invalid username/password combination")
}

func response(name string, groups ...string) *authenticator.Response {
	return &authenticator.Response{User: &user.DefaultInfo{Name: name, Groups: groups}}
}

func matches(password, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 1
}

// bootstrapSecrets reads the Secrets of bootstrap tokens from the API server, so that a revoked token is rejected at once.
type bootstrapSecrets struct {
	corelisters.SecretNamespaceLister
	server *server
}

func (b bootstrapSecrets) Get(name string) (*corev1.Secret, error) {
	client := b.server.apiClient()
	if client == nil {
		return nil, errNotReady
	}
	return client.CoreV1().Secrets(metav1.NamespaceSystem).Get(context.Background(), name, metav1.GetOptions{})
}
