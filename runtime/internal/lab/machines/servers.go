package machines

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sort"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// ServerRequest describes a server, which is one machine.
type ServerRequest struct {
	// Hostname is the exact hostname.
	Hostname string `json:"hostname"`
	// Address is the name of the reserved address in front of the cluster's servers. It is the cluster's name.
	Address string `json:"address"`
	// UserData applies when the machine is created. A change has no effect once the server has joined its cluster.
	UserData string `json:"userData"`
	// CredentialsRevision restarts K3s when it changes, so that it reads its parameters again.
	CredentialsRevision string         `json:"credentialsRevision,omitempty"`
	Machine             agent.Hardware `json:"machine"`
}

// Server is the API representation of a server.
type Server struct {
	Name string `json:"name"`
	// ID identifies the machine. A machine that replaces another under the same name has a new one.
	ID       string `json:"id"`
	Hostname string `json:"hostname"`
	// Cluster is the name of the reserved address.
	Cluster string `json:"cluster"`
	// Address is the machine's own address.
	Address string `json:"address"`
	State   State  `json:"state"`
	Message string `json:"message,omitempty"`
	// K3s is the installed version of K3s, which is empty before the first boot.
	K3s string `json:"k3s,omitempty"`
	// PID and RSSBytes describe the process of the server; they are 0 while none runs.
	PID      int   `json:"pid"`
	RSSBytes int64 `json:"rssBytes"`
}

// savedServer is the state of a server on disk.
type savedServer struct {
	Name    string        `json:"name"`
	ID      string        `json:"id"`
	Request ServerRequest `json:"request"`
	Address string        `json:"address"`
	// Stopped reports whether the machine is switched off.
	Stopped bool `json:"stopped,omitempty"`
}

func newMachineID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return hex.EncodeToString(id)
}

func (r ServerRequest) validate() error {
	if err := errors.Join(checkName(r.Hostname), checkName(r.Address)); err != nil {
		return err
	}
	if r.Machine.CPUCores <= 0 || r.Machine.MemoryMiB <= 0 {
		return Error{http.StatusBadRequest, "machine.cpuCores and machine.memoryMiB must be greater than 0"}
	}
	parsed, err := userdata.Parse(r.UserData)
	if err != nil {
		return Error{http.StatusUnprocessableEntity, err.Error()}
	}
	if parsed.Role != userdata.Server {
		return Error{http.StatusUnprocessableEntity, "user data must enable unit k3s, which runs a server"}
	}
	return nil
}

// PutServer creates a server and starts it. It does not wait until the server has joined its cluster. If the server exists, it
// restarts it for a changed credentials revision, or for changed user data if it has not joined yet.
func (m *Manager) PutServer(name string, request ServerRequest) (Server, error) {
	if err := errors.Join(checkName(name), request.validate()); err != nil {
		return Server{}, err
	}
	defer m.lock("server/" + name)()
	s := m.findServer(name)
	if s == nil {
		addresses, err := m.store.allocate(machineOctet, machineName(name))
		if err != nil {
			return Server{}, err
		}
		return m.createServer(savedServer{Name: name, ID: newMachineID(), Request: request, Address: addresses[0]})
	}
	saved := s.record()
	if request.Hostname != saved.Request.Hostname || request.Address != saved.Request.Address || request.Machine != saved.Request.Machine {
		return Server{}, Error{http.StatusConflict, fmt.Sprintf("server %s exists with another hostname, address or machine; delete it first", name)}
	}
	next := request
	if controlplane.IsMember(s.dir) {
		next.UserData = saved.Request.UserData
	}
	if next != saved.Request {
		saved.Request = next
		if err := m.writeServer(saved); err != nil {
			return Server{}, err
		}
		s.setRecord(saved)
		s.restart()
	}
	return s.export(), nil
}

func (m *Manager) createServer(saved savedServer) (Server, error) {
	if _, err := m.Reserve(saved.Request.Address); err != nil {
		return Server{}, err
	}
	if err := m.writeServer(saved); err != nil {
		return Server{}, err
	}
	s, err := m.addServer(saved)
	if err != nil {
		return Server{}, err
	}
	return s.export(), nil
}

// GetServer returns a server.
func (m *Manager) GetServer(name string) (Server, error) {
	s := m.findServer(name)
	if s == nil {
		return Server{}, ErrNotFound
	}
	return s.export(), nil
}

// Servers returns all servers, sorted by name.
func (m *Manager) Servers() []Server {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	list := []Server{}
	for _, c := range m.clusters {
		for _, s := range c.servers {
			list = append(list, s.export())
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// DeleteServer destroys a server with all its data. It does not change its cluster, where its Node and etcd member remain.
func (m *Manager) DeleteServer(name string) error {
	defer m.lock("server/" + name)()
	s := m.findServer(name)
	if s == nil {
		return nil
	}
	// The record goes first: a lab that is killed now must not start a server without its data.
	if err := os.Remove(m.store.serverPath(name)); err != nil {
		return err
	}
	s.powerOff()
	m.mutex.Lock()
	c := m.clusters[s.record().Request.Address]
	delete(c.servers, name)
	m.mutex.Unlock()
	c.balancer.Remove(name)
	if err := os.RemoveAll(s.dir); err != nil {
		return err
	}
	return m.store.release(machineName(name))
}

// StopServer switches a server off without warning, as a power cut does. It stays off until StartServer.
func (m *Manager) StopServer(name string) (Server, error) { return m.switchServer(name, true) }

// StartServer switches a server on.
func (m *Manager) StartServer(name string) (Server, error) { return m.switchServer(name, false) }

func (m *Manager) switchServer(name string, stopped bool) (Server, error) {
	defer m.lock("server/" + name)()
	s := m.findServer(name)
	if s == nil {
		return Server{}, ErrNotFound
	}
	saved := s.record()
	if saved.Stopped == stopped {
		return s.export(), nil
	}
	saved.Stopped = stopped
	if err := writeJSON(m.store.serverPath(name), saved); err != nil {
		return Server{}, err
	}
	s.setRecord(saved)
	if stopped {
		s.powerOff()
	} else {
		s.start(m.ctx)
	}
	return s.export(), nil
}

func (m *Manager) findServer(name string) *server {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, c := range m.clusters {
		if s := c.servers[name]; s != nil {
			return s
		}
	}
	return nil
}

func (m *Manager) serverDir(name string) string {
	return filepath.Join(m.store.dir, "machines", name)
}

// writeServer writes the files of a machine, and then its record, without which the files mean nothing.
func (m *Manager) writeServer(saved savedServer) error {
	dir := m.serverDir(saved.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	front, err := m.Reserve(saved.Request.Address)
	if err != nil {
		return err
	}
	spec, err := json.Marshal(controlplane.Spec{
		Name: saved.Request.Address, MachineID: saved.ID, Hostname: saved.Request.Hostname,
		Address: saved.Address, ClusterAddress: front.Address, Port: apiPort,
		Hardware: saved.Request.Machine, ClusterDir: m.store.clusterDir(saved.Request.Address), ParametersDir: m.parametersDir(), BucketsDir: m.bucketsDir(),
	})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"spec.json": spec, "user-data": []byte(saved.Request.UserData)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return writeJSON(m.store.serverPath(saved.Name), saved)
}

// export returns the API representation of a server.
func (s *server) export() Server {
	saved, status := s.record(), s.status()
	exported := Server{
		Name: saved.Name, ID: saved.ID, Hostname: saved.Request.Hostname, Cluster: saved.Request.Address,
		Address: saved.Address, PID: status.PID, RSSBytes: process.ReadMemory(status.PID).Resident,
	}
	exported.State, exported.Message = s.state(saved, status)
	exported.K3s, _ = agent.InstalledK3s(s.dir)
	return exported
}
