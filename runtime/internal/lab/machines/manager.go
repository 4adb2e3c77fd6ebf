package machines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"sync"

	"github.com/skerry-dev/skerry/runtime/internal/lab/buckets"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/parameters"
	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// Error is the error of a request that is invalid or that failed.
type Error struct {
	// Status is the HTTP status of the response.
	Status  int
	Message string
}

func (e Error) Error() string { return e.Message }

// Folders in the state directory: of the parameter store and of the object storage.
const (
	parametersFolder = "parameters"
	bucketsFolder    = "buckets"
)

// Errors of requests for a name.
var (
	ErrNotFound = Error{http.StatusNotFound, "not found"}
	errInUse    = Error{http.StatusConflict, "the address is in use by servers; delete the servers first"}
)

// Manager creates, runs and deletes machines.
type Manager struct {
	// ctx ends with the lab.
	ctx   context.Context
	store *store
	// Parameters stores the secrets that machines read.
	Parameters *parameters.Store
	// Buckets stores the snapshots of servers. They outlive their cluster.
	Buckets  *buckets.Store
	logger   *slog.Logger
	settings controlplane.Settings
	mutex    sync.Mutex
	groups   map[string]*group
	locks    map[string]*sync.Mutex
	// clusters are the clusters by the name of their reserved address.
	clusters  map[string]*cluster
	balancers sync.WaitGroup
	// onCluster is called when a cluster becomes ready for the first time. Its context ends with the cluster.
	onCluster func(ctx context.Context, cluster Cluster)
}

// PodAddresses allocates the addresses of pods that run as processes.
type PodAddresses struct {
	store   *store
	cluster string
}

// Allocate returns the address of a pod, and allocates one if it has none.
func (p *PodAddresses) Allocate(pod string) (string, error) {
	addresses, err := p.store.allocate(podOctet, podName(p.cluster+"/"+pod))
	if err != nil {
		return "", err
	}
	return addresses[0], nil
}

// Release frees the address of a pod.
func (p *PodAddresses) Release(pod string) error {
	return p.store.release(podName(p.cluster + "/" + pod))
}

// Open loads the saved groups and servers, and starts the servers.
func Open(ctx context.Context, dir string, settings controlplane.Settings, logger *slog.Logger, onCluster func(context.Context, Cluster)) (*Manager, error) {
	store, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	secrets, err := parameters.Open(filepath.Join(dir, parametersFolder))
	if err != nil {
		return nil, err
	}
	groups, err := readAll[group](store.groupPath("*"))
	if err != nil {
		return nil, err
	}
	servers, err := readAll[savedServer](store.serverPath("*"))
	if err != nil {
		return nil, err
	}
	m := &Manager{
		ctx: ctx, store: store, Parameters: secrets, settings: settings, logger: logger, onCluster: onCluster,
		groups: map[string]*group{}, locks: map[string]*sync.Mutex{}, clusters: map[string]*cluster{},
	}
	m.Buckets = buckets.Open(m.bucketsDir())
	for _, g := range groups {
		m.groups[g.Name] = g
	}
	m.resumeRestarts()
	for _, saved := range servers {
		if _, err := m.addServer(*saved); err != nil {
			return nil, err
		}
	}
	return m, nil
}

var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func checkName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return Error{http.StatusBadRequest, fmt.Sprintf("invalid name %q: must be 1 to 63 characters of a-z, 0-9 and -, and must start and end with a letter or digit", name)}
}

// lock serializes requests for one group or server. It returns the function that unlocks it.
func (m *Manager) lock(name string) func() {
	m.mutex.Lock()
	if m.locks[name] == nil {
		m.locks[name] = &sync.Mutex{}
	}
	lock := m.locks[name]
	m.mutex.Unlock()
	lock.Lock()
	return lock.Unlock
}

// Reserve returns the address reserved under a name, and reserves one if there is none.
func (m *Manager) Reserve(name string) (Address, error) {
	if err := checkName(name); err != nil {
		return Address{}, err
	}
	addresses, err := m.store.allocate(reservedOctet, reservedName(name))
	if err != nil {
		return Address{}, err
	}
	return Address{name, addresses[0], apiPort}, nil
}

// Free frees a reserved address. The cluster behind it ends, and another one may be created under its name.
func (m *Manager) Free(name string) error {
	if err := m.closeCluster(name); err != nil {
		return err
	}
	return m.store.release(reservedName(name))
}

// Addresses returns the reserved addresses, sorted by name.
func (m *Manager) Addresses() []Address {
	m.store.mutex.Lock()
	defer m.store.mutex.Unlock()
	list := []Address{}
	for name, address := range m.store.addresses {
		if reserved, ok := cutReserved(name); ok {
			list = append(list, Address{reserved, address, apiPort})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Group is the API representation of a group.
type Group struct {
	Name     string    `json:"name"`
	Machines []Machine `json:"machines"`
}

func (m *Manager) export(g *group) Group {
	exported := Group{Name: g.Name, Machines: make([]Machine, len(g.Machines))}
	for i, machine := range g.Machines {
		exported.Machines[i] = *machine
	}
	return exported
}

// Get returns a group.
func (m *Manager) Get(name string) (Group, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	g, ok := m.groups[name]
	if !ok {
		return Group{}, ErrNotFound
	}
	return m.export(g), nil
}

// List returns all groups, sorted by name.
func (m *Manager) List() []Group {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	list := make([]Group, 0, len(m.groups))
	for _, g := range m.groups {
		list = append(list, m.export(g))
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

func hostname(request Request, index int) string {
	return fmt.Sprintf("%s-%02d", request.Hostname, index+1)
}

// Put creates or changes a group of agents, and waits until its machines have joined or failed.
func (m *Manager) Put(ctx context.Context, name string, request Request) (Group, error) {
	if err := errors.Join(checkName(name), checkName(request.Hostname)); err != nil {
		return Group{}, err
	}
	if request.Count < 1 || request.Machine.CPUCores <= 0 || request.Machine.MemoryMiB <= 0 {
		return Group{}, Error{http.StatusBadRequest, "count, machine.cpuCores and machine.memoryMiB must be greater than 0"}
	}
	parsed, err := userdata.Parse(request.UserData)
	if err == nil {
		err = parsed.Resolve(m.Parameters)
	}
	if err != nil {
		return Group{}, Error{http.StatusUnprocessableEntity, err.Error()}
	}
	if parsed.Role != userdata.Agent {
		return Group{}, Error{http.StatusUnprocessableEntity, "user data must enable unit k3s-agent; create servers one by one"}
	}
	defer m.lock(name)()
	m.mutex.Lock()
	g, exists := m.groups[name]
	if !exists {
		g = &group{Name: name}
		m.groups[name] = g
	}
	m.mutex.Unlock()
	err = m.putAgents(ctx, g, request, parsed)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if len(g.Machines) == 0 {
		delete(m.groups, name)
	}
	return m.export(g), err
}

// Delete deletes a group and the nodes of its agents.
func (m *Manager) Delete(ctx context.Context, name string) error {
	defer m.lock(name)()
	m.mutex.Lock()
	g, ok := m.groups[name]
	m.mutex.Unlock()
	if !ok {
		return nil
	}
	if err := m.removeAgents(ctx, g, g.Machines); err != nil {
		return err
	}
	if err := os.RemoveAll(m.groupDir(name)); err != nil {
		return err
	}
	m.mutex.Lock()
	delete(m.groups, name)
	m.mutex.Unlock()
	return os.Remove(m.store.groupPath(name))
}

// groupDir returns the directory of the machines of a group of agents.
func (m *Manager) groupDir(group string) string { return filepath.Join(m.store.dir, "agents", group) }

// agentDir returns the root directory of an agent.
func (m *Manager) agentDir(group, machine string) string {
	return filepath.Join(m.groupDir(group), machine)
}

func (m *Manager) parametersDir() string { return filepath.Join(m.store.dir, parametersFolder) }

func (m *Manager) bucketsDir() string { return filepath.Join(m.store.dir, bucketsFolder) }

// update changes a group in memory and on disk.
func (m *Manager) update(g *group, change func()) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	change()
	return m.store.saveGroup(g)
}
