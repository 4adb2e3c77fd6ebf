// Package machines manages groups of machines: it creates them from user data, and starts them again after a restart.
package machines

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
)

// Address is an address that is reserved for a cluster.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// Request describes a group of identical agents.
type Request struct {
	Count    int            `json:"count"`
	Hostname string         `json:"hostname"`
	UserData string         `json:"userData"`
	Machine  agent.Hardware `json:"machine"`
}

// Machine is a machine of a group.
type Machine struct {
	Name     string `json:"name"`
	Hostname string `json:"hostname"`
	Address  string `json:"address"`
	State    State  `json:"state"`
	Message  string `json:"message,omitempty"`
	// K3s is the version of K3s that runs.
	K3s string `json:"k3s,omitempty"`
}

// State is the state of a machine.
type State string

// States of a machine.
const (
	Booting     State = "booting"
	Joining     State = "joining"
	Ready       State = "ready"
	Refused     State = "refused"
	Unreachable State = "unreachable"
	// Removed is the state of a server that was removed from etcd. It waits until it is deleted.
	Removed State = "removed"
	// Stopped is the state of a server that is switched off.
	Stopped State = "stopped"
)

// group is the saved state of a group.
type group struct {
	Name     string     `json:"name"`
	Request  Request    `json:"request"`
	Machines []*Machine `json:"machines"`
	// Server is the URL that agents of the group join.
	Server string `json:"server,omitempty"`
}

// apiPort is the port of a K3s server.
const apiPort = 6443

// store is the lab's state on disk: one file per group and per server, and one for all addresses.
type store struct {
	mutex   sync.Mutex
	dir     string
	network int
	// addresses are the allocated addresses by name.
	addresses map[string]string
}

type networkFile struct {
	Network   int               `json:"network"`
	Addresses map[string]string `json:"addresses"`
}

// The third octet of an address depends on its use. Machines use all octets from machineOctet.
const (
	reservedOctet = 0
	podOctet      = 1
	machineOctet  = 2
)

func openStore(dir string) (*store, error) {
	s := &store{dir: dir, addresses: map[string]string{}}
	for _, name := range []string{"groups", "servers"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return nil, err
		}
	}
	raw, err := os.ReadFile(s.networkPath())
	if errors.Is(err, os.ErrNotExist) {
		if s.network, err = findNetwork(dir); err != nil {
			return nil, err
		}
		return s, s.saveNetwork()
	}
	if err != nil {
		return nil, err
	}
	var saved networkFile
	if err := json.Unmarshal(raw, &saved); err != nil {
		return nil, fmt.Errorf("%s: %w", s.networkPath(), err)
	}
	s.network = saved.Network
	for name, address := range saved.Addresses {
		s.addresses[name] = address
	}
	return s, nil
}

// findNetwork chooses a free loopback network 127.n.0.0/16, starting from a hash of the state directory, so that labs on one
// machine use different networks.
func findNetwork(dir string) (int, error) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(dir))
	const first, count = 32, 200
	for offset := range count {
		network := first + (int(hash.Sum32()%count)+offset)%count
		listener, err := net.Listen("tcp", fmt.Sprintf("127.%d.0.1:%d", network, apiPort))
		if err == nil {
			_ = listener.Close()
			return network, nil
		}
	}
	return 0, fmt.Errorf("no free network in 127.0.0.0/8: port %d is in use in all of them, or loopback addresses are not available", apiPort)
}

func (s *store) networkPath() string { return filepath.Join(s.dir, "addresses.json") }

func (s *store) saveNetwork() error {
	return writeJSON(s.networkPath(), networkFile{s.network, s.addresses})
}

// allocate returns the address of each name, and allocates one with the third octet to names that have none.
func (s *store) allocate(octet int, names ...string) ([]string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	used := make(map[string]bool, len(s.addresses))
	for _, address := range s.addresses {
		used[address] = true
	}
	last := octet
	if octet == machineOctet {
		last = 255
	}
	third, fourth := octet, 1
	next := func() (string, bool) {
		for ; third <= last; third, fourth = third+1, 1 {
			for ; fourth < 255; fourth++ {
				if address := fmt.Sprintf("127.%d.%d.%d", s.network, third, fourth); !used[address] {
					used[address] = true
					return address, true
				}
			}
		}
		return "", false
	}
	addresses := make([]string, len(names))
	for i, name := range names {
		if addresses[i] = s.addresses[name]; addresses[i] != "" {
			continue
		}
		address, free := next()
		if !free {
			return nil, fmt.Errorf("no free address for %s", name)
		}
		s.addresses[name], addresses[i] = address, address
	}
	return addresses, s.saveNetwork()
}

func (s *store) release(names ...string) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, name := range names {
		delete(s.addresses, name)
	}
	return s.saveNetwork()
}

func (s *store) groupPath(name string) string  { return filepath.Join(s.dir, "groups", name+".json") }
func (s *store) serverPath(name string) string { return filepath.Join(s.dir, "servers", name+".json") }

func (s *store) saveGroup(g *group) error { return writeJSON(s.groupPath(g.Name), g) }

// readAll reads the records that match a pattern.
func readAll[T any](pattern string) ([]*T, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var records []*T
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		record := new(T)
		if err := json.Unmarshal(raw, record); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		records = append(records, record)
	}
	return records, nil
}

// writeJSON replaces a file atomically. Only the owner can read it.
func writeJSON(path string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(raw); err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func reservedName(name string) string { return "address/" + name }
func machineName(name string) string  { return "machine/" + name }
func podName(name string) string      { return "pod/" + name }
func cutReserved(name string) (string, bool) {
	return strings.CutPrefix(name, "address/")
}

// clusterDir returns the directory that the servers of an address share.
func (s *store) clusterDir(address string) string {
	return filepath.Join(s.dir, "clusters", address)
}
