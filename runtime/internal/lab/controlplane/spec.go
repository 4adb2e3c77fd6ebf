// Package controlplane runs one cluster's control plane in this process: etcd, the API server, the controller manager,
// the default scheduler, what K3s adds to them, and KWOK, which keeps the simulated nodes.
package controlplane

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
	"github.com/skerry-dev/skerry/runtime/internal/lab/parameters"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// Spec describes a server machine, in addition to its user data. It is stored as spec.json in the machine's directory.
type Spec struct {
	Name     string `json:"name"`
	Hostname string `json:"hostname"`
	// Address is the loopback address of the machine.
	Address  string         `json:"address"`
	Port     int            `json:"port"`
	Hardware agent.Hardware `json:"hardware"`
	// ParametersDir is the directory of the parameter store.
	ParametersDir string `json:"parametersDir"`
}

// server is a running control plane.
type server struct {
	Spec
	dir    string
	config userdata.Config
	// files holds the files in server/tls that the machine has before K3s starts, by relative path.
	files map[string][]byte
	// authorities holds the certificate authorities by their name in K3s: server-ca, client-ca, request-header-ca,
	// etcd/server-ca and etcd/peer-ca.
	authorities map[string]*authority.Authority
	nodeLease   time.Duration
	credentials sharedCredentials
	// api holds a client of the API server once it is ready.
	api atomic.Pointer[kubernetes.Interface]
}

// apiClient returns a client of the API server, or nil until it is ready.
func (s *server) apiClient() kubernetes.Interface {
	if client := s.api.Load(); client != nil {
		return *client
	}
	return nil
}

func (s *server) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir, "server"}, elements...)...)
}

// url returns the endpoint of the API server.
func (s *server) url() string { return fmt.Sprintf("https://%s:%d", s.Address, s.Port) }

var authorityNames = []string{"server-ca", "client-ca", "request-header-ca", "etcd/server-ca", "etcd/peer-ca"}

func load(dir string, nodeLease time.Duration) (*server, error) {
	s := &server{dir: dir, nodeLease: nodeLease, authorities: map[string]*authority.Authority{}}
	raw, err := os.ReadFile(filepath.Join(dir, "spec.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &s.Spec); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "user-data"))
	if err != nil {
		return nil, err
	}
	machine, err := userdata.Parse(string(text))
	if err != nil {
		return nil, err
	}
	store, err := parameters.Open(s.ParametersDir)
	if err != nil {
		return nil, err
	}
	if err := machine.Resolve(store); err != nil {
		return nil, err
	}
	if err := s.claimBirth(machine, store); err != nil {
		return nil, err
	}
	s.config, s.files = machine.Config, machine.TLS()
	if err := s.loadCredentials(); err != nil {
		return nil, err
	}
	for _, name := range authorityNames {
		loaded, err := authority.Load(s.files[name+".crt"], s.files[name+".key"])
		if err != nil {
			return nil, fmt.Errorf("server/tls/%s.crt: %w", name, err)
		}
		s.authorities[name] = loaded
	}
	if len(s.files["service.key"]) == 0 {
		return nil, fmt.Errorf("the machine must have server/tls/service.key, which signs service account tokens")
	}
	return s, nil
}

// write writes a file atomically, so that a killed process leaves no partial file, and returns its path.
func (s *server) write(name string, content []byte) (string, error) {
	path := s.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(path+".part", content, 0o600); err != nil {
		return "", err
	}
	return path, os.Rename(path+".part", path)
}
