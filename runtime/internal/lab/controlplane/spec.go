// Package controlplane runs one cluster's control plane in this process: etcd, the API server, the controller manager,
// the default scheduler, what K3s adds to them, and KWOK, which keeps the simulated nodes.
package controlplane

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/authority"
	"github.com/skerry-dev/skerry/runtime/internal/lab/buckets"
	"github.com/skerry-dev/skerry/runtime/internal/lab/parameters"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// Spec describes a server machine, in addition to its user data. It is stored as spec.json in the machine's directory.
type Spec struct {
	// Name is the name of the cluster.
	Name string `json:"name"`
	// MachineID identifies the machine. A machine that replaces another has a new one.
	MachineID string `json:"machineID"`
	Hostname  string `json:"hostname"`
	// Address is the loopback address of the machine.
	Address string `json:"address"`
	// ClusterAddress is the address that stands in front of all servers of the cluster.
	ClusterAddress string `json:"clusterAddress"`
	// Port is the port of the API, on both addresses.
	Port     int            `json:"port"`
	Hardware agent.Hardware `json:"hardware"`
	// ParametersDir is the directory of the parameter store.
	ParametersDir string `json:"parametersDir"`
	// BucketsDir is the directory of the object storage.
	BucketsDir string `json:"bucketsDir"`
	// ClusterDir is a directory that all servers of the cluster share.
	ClusterDir string `json:"clusterDir"`
}

// server is a running control plane.
type server struct {
	Spec
	dir    string
	config userdata.Config
	// k3s is the version of K3s on the machine.
	k3s string
	// files holds the files in server/tls that the machine has before K3s starts, by relative path.
	files map[string][]byte
	// authorities holds the certificate authorities by their name in K3s: server-ca, client-ca, request-header-ca,
	// etcd/server-ca and etcd/peer-ca.
	authorities map[string]*authority.Authority
	settings    Settings
	credentials sharedCredentials
	// buckets holds the snapshots.
	buckets *buckets.Store
	// tokenHash is the hash of the certificate authority in the server token.
	tokenHash string
	// api holds a client of the API server once it is ready.
	api atomic.Pointer[kubernetes.Interface]
	// etcd is set once etcd runs.
	etcd *member
	// reported is the last report.
	reported Report
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

// url returns the endpoint of this server's API.
func (s *server) url() string { return fmt.Sprintf("https://%s:%d", s.Address, s.Port) }

// clusterURL returns the endpoint of the cluster's API, in front of all its servers.
func (s *server) clusterURL() string { return fmt.Sprintf("https://%s:%d", s.ClusterAddress, s.Port) }

var authorityNames = []string{"server-ca", "client-ca", "request-header-ca", "etcd/server-ca", "etcd/peer-ca"}

func load(dir string, settings Settings) (*server, error) {
	s := &server{dir: dir, settings: settings, authorities: map[string]*authority.Authority{}}
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
	s.buckets = buckets.Open(s.BucketsDir)
	store, err := parameters.Open(s.ParametersDir)
	if err != nil {
		return nil, err
	}
	if err := machine.Resolve(store); err != nil {
		return nil, err
	}
	s.config, s.files = machine.Config, machine.TLS()
	if s.k3s, err = agent.InstallRelease(dir, machine.Document); err != nil {
		return nil, err
	}
	for name, content := range machine.PlainFiles() {
		if err := writeFile(s.machinePath(name), content); err != nil {
			return nil, err
		}
	}
	birth, err := os.ReadFile(filepath.Join(dir, BirthFile))
	if err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(birth, &s.config); err != nil {
		return nil, fmt.Errorf("%s: %w", BirthFile, err)
	}
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

// dataDir is the directory of K3s's data on a real machine.
const dataDir = "/var/lib/rancher/k3s/"

// machinePath returns where the lab keeps the file with an absolute path of the machine.
func (s *server) machinePath(path string) string {
	if name, ok := strings.CutPrefix(path, dataDir); ok {
		return filepath.Join(s.dir, name)
	}
	return filepath.Join(s.dir, "files", path)
}

// write writes a file below the directory server atomically, and returns its path.
func (s *server) write(name string, content []byte) (string, error) {
	path := s.path(name)
	return path, writeFile(path, content)
}

// writeFile writes a file atomically, so that a killed process leaves no partial file.
func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// Several servers write the files of their cluster, so each uses a temporary file of its own.
	part := fmt.Sprintf("%s.%d.part", path, os.Getpid())
	if err := os.WriteFile(part, content, 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}
