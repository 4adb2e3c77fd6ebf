package controlplane

import (
	"net/http"
	"strings"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	bootstrapapi "k8s.io/cluster-bootstrap/token/api"

	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
)

// withSupervisor routes the paths that K3s machines use to join to the supervisor, and all others to Kubernetes.
func withSupervisor(supervisor, kubernetes http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/cacerts", path == "/ping", path == membersPath, path == snapshotPath, strings.HasPrefix(path, "/v1-k3s/"):
			supervisor.ServeHTTP(w, r)
		default:
			kubernetes.ServeHTTP(w, r)
		}
	})
}

// supervisor returns the handler of the requests of joining machines. Source of paths, headers and groups: K3s, pkg/server.
func (s *server) supervisor() (http.Handler, error) {
	authenticator, err := s.authenticator()
	if err != nil {
		return nil, err
	}
	handle := func(next authenticatedHandler, groups ...string) http.HandlerFunc {
		authenticated := requireGroup(authenticator, groups, next)
		return func(w http.ResponseWriter, r *http.Request) {
			// Bootstrap tokens and node passwords are Secrets.
			if s.apiClient() == nil {
				http.Error(w, errNotReady.Error(), http.StatusServiceUnavailable)
				return
			}
			authenticated(w, r)
		}
	}
	forAgents := []string{agentGroup, user.NodesGroup, bootstrapapi.BootstrapDefaultGroup}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pong")) })
	mux.HandleFunc("GET /cacerts", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(s.authorities["server-ca"].Bundle())
	})
	mux.HandleFunc("GET /v1-k3s/client-ca.crt", handle(func(w http.ResponseWriter, _ *http.Request, _ user.Info) {
		_, _ = w.Write(s.authorities["client-ca"].Bundle())
	}, forAgents...))
	mux.HandleFunc("GET /v1-k3s/client-kubelet.crt", handle(s.serveKubeletCertificate, forAgents...))
	mux.HandleFunc("PUT /v1-k3s/token", handle(s.rotateServerToken, serverGroup))
	mux.HandleFunc("GET "+membersPath, handle(s.serveMembers, serverGroup))
	mux.HandleFunc("POST "+snapshotPath, handle(s.serveSnapshot, serverGroup))
	return mux, nil
}

type authenticatedHandler func(http.ResponseWriter, *http.Request, user.Info)

// requireGroup authenticates requests, and passes on those of a user in one of the groups.
func requireGroup(authenticator authenticator.Request, groups []string, next authenticatedHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		response, authenticated, err := authenticator.AuthenticateRequest(r)
		if err != nil {
			http.Error(w, "not authorized", http.StatusUnauthorized)
			return
		}
		if !authenticated {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		for _, group := range response.User.GetGroups() {
			for _, allowed := range groups {
				if group == allowed {
					next(w, r, response.User)
					return
				}
			}
		}
		http.Error(w, "forbidden", http.StatusForbidden)
	}
}

// serveKubeletCertificate issues a node's client certificate. The response contains the key first.
func (s *server) serveKubeletCertificate(w http.ResponseWriter, r *http.Request, requester user.Info) {
	name, status, err := s.verifyNode(r, requester)
	if err != nil {
		http.Error(w, err.Error(), status)
		return
	}
	certificate, key, err := s.authorities["client-ca"].Issue(authority.Request{
		CommonName: "system:node:" + name, Organization: []string{user.NodesGroup},
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(key)
	_, _ = w.Write(certificate)
}
