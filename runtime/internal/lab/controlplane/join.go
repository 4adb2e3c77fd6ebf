package controlplane

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
)

// withSupervisor routes the paths that K3s machines use to join to the supervisor, and all others to Kubernetes.
func withSupervisor(supervisor, kubernetes http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/cacerts", path == "/ping", path == membersPath, strings.HasPrefix(path, "/v1-k3s/"):
			supervisor.ServeHTTP(w, r)
		default:
			kubernetes.ServeHTTP(w, r)
		}
	})
}

// supervisor returns the handler of the requests of joining machines. Source of paths and headers: K3s, pkg/server.
func (s *server) supervisor() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pong")) })
	mux.HandleFunc("GET /cacerts", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(s.authorities["server-ca"].Bundle())
	})
	mux.HandleFunc("GET /v1-k3s/client-ca.crt", s.authenticate(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(s.authorities["client-ca"].Bundle())
	}))
	mux.HandleFunc("GET /v1-k3s/client-kubelet.crt", s.authenticate(s.serveKubeletCertificate))
	s.registerServerJoin(mux)
	return mux
}

// authenticate requires the password of the agent token or the server token.
func (s *server) authenticate(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		agentToken := s.config.String("agent-token", s.config.String("token", ""))
		authenticated := (user == "node" && matches(password, agentToken)) ||
			((user == "node" || user == "server") && matches(password, s.config.String("token", "")))
		if !authenticated {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func matches(password, token string) bool {
	want := token[strings.LastIndex(token, ":")+1:]
	return want != "" && subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 1
}

// serveKubeletCertificate issues a node's client certificate. The response contains the key first.
func (s *server) serveKubeletCertificate(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get("k3s-Node-Name")
	if name == "" {
		http.Error(w, "node name not set", http.StatusBadRequest)
		return
	}
	certificate, key, err := s.authorities["client-ca"].Issue(authority.Request{
		CommonName: "system:node:" + name, Organization: []string{"system:nodes"},
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(key)
	_, _ = w.Write(certificate)
}
