package machines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/userdata"
)

// Problem is a request that cannot be carried out as it is stated.
type Problem struct {
	// Status is an HTTP status that fits.
	Status int
	Text   string
}

func (p Problem) Error() string { return p.Text }

// Errors that the API tells apart.
var (
	ErrNotFound = Problem{404, "not found"}
	errInUse    = Problem{409, "the address is in use by a group: delete that first"}
)

// Manager makes, keeps and removes machines.
type Manager struct {
	// Context ends with the lab.
	ctx    context.Context
	store  *store
	logger *slog.Logger
	// nodeLease is how long the leases of nodes last.
	nodeLease time.Duration
	mutex     sync.Mutex
	groups    map[string]*group
	locks     map[string]*sync.Mutex
	// servers that run, by their group's name.
	servers map[string]*server
	// onServer is told when a cluster has come up, with the context that ends with it.
	onServer func(ctx context.Context, cluster Cluster)
}

// Cluster is a control plane that the lab runs.
type Cluster struct {
	Name       string
	Kubeconfig string
	Network    *Pods
}

// Pods hands out addresses to pods that run as processes.
type Pods struct {
	store   *store
	cluster string
}

// Take gives a pod an address, or the one that it has.
func (p *Pods) Take(pod string) (string, error) {
	addresses, err := p.store.take(podOctet, podName(p.cluster+"/"+pod))
	if err != nil {
		return "", err
	}
	return addresses[0], nil
}

// Give takes a pod's address back.
func (p *Pods) Give(pod string) error { return p.store.give(podName(p.cluster + "/" + pod)) }

// Open reads what was there and boots it again.
func Open(ctx context.Context, folder string, nodeLease time.Duration, logger *slog.Logger, onServer func(context.Context, Cluster)) (*Manager, error) {
	store, err := openStore(folder)
	if err != nil {
		return nil, err
	}
	groups, err := store.loadGroups()
	if err != nil {
		return nil, err
	}
	m := &Manager{
		ctx: ctx, store: store, nodeLease: nodeLease, logger: logger, onServer: onServer,
		groups: map[string]*group{}, locks: map[string]*sync.Mutex{}, servers: map[string]*server{},
	}
	for _, g := range groups {
		m.groups[g.Name] = g
	}
	for _, g := range groups {
		if g.Kind == string(userdata.Server) {
			if _, err := m.boot(g); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

var nameForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func checkName(name string) error {
	if nameForm.MatchString(name) {
		return nil
	}
	return Problem{400, fmt.Sprintf("%q is no name: want 1 to 63 of a-z, 0-9 and -, not at the ends", name)}
}

// lock keeps two requests for one group apart.
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

// Reserve gives a name an address that stays.
func (m *Manager) Reserve(name string) (Address, error) {
	if err := checkName(name); err != nil {
		return Address{}, err
	}
	addresses, err := m.store.take(reservedOctet, reservedName(name))
	if err != nil {
		return Address{}, err
	}
	return Address{name, addresses[0], apiPort}, nil
}

// Free takes a reserved address back.
func (m *Manager) Free(name string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, g := range m.groups {
		if g.Request.Address == name {
			return errInUse
		}
	}
	return m.store.give(reservedName(name))
}

// Addresses lists what is reserved.
func (m *Manager) Addresses() []Address {
	m.store.mutex.Lock()
	defer m.store.mutex.Unlock()
	list := []Address{}
	for name, address := range m.store.taken {
		if reserved, ok := isReserved(name); ok {
			list = append(list, Address{reserved, address, apiPort})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Group is a group as the API shows it.
type Group struct {
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Machines []Machine `json:"machines"`
}

func (m *Manager) view(g *group) Group {
	view := Group{Name: g.Name, Kind: g.Kind, Machines: make([]Machine, len(g.Machines))}
	for i, machine := range g.Machines {
		view.Machines[i] = *machine
	}
	return view
}

// Get shows a group.
func (m *Manager) Get(name string) (Group, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	g, ok := m.groups[name]
	if !ok {
		return Group{}, ErrNotFound
	}
	return m.view(g), nil
}

// List shows every group.
func (m *Manager) List() []Group {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	list := make([]Group, 0, len(m.groups))
	for _, g := range m.groups {
		list = append(list, m.view(g))
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

func hostname(request Request, index int) string {
	return fmt.Sprintf("%s-%02d", request.Hostname, index+1)
}

// Put makes a group as it is asked for, and waits until its machines have joined or were refused.
func (m *Manager) Put(ctx context.Context, name string, request Request) (Group, error) {
	if err := errors.Join(checkName(name), checkName(request.Hostname)); err != nil {
		return Group{}, err
	}
	if request.Count < 1 || request.Machine.CPUCores <= 0 || request.Machine.MemoryMiB <= 0 {
		return Group{}, Problem{400, "count, machine.cpuCores and machine.memoryMiB must be above 0"}
	}
	parsed, err := userdata.Parse(request.UserData)
	if err != nil {
		return Group{}, Problem{422, err.Error()}
	}
	defer m.lock(name)()
	m.mutex.Lock()
	g, exists := m.groups[name]
	if !exists {
		g = &group{Name: name, Kind: string(parsed.Role)}
		m.groups[name] = g
	}
	m.mutex.Unlock()
	if g.Kind != string(parsed.Role) {
		return Group{}, Problem{422, fmt.Sprintf("%s is a group of %ss; the user data makes %ss: delete it first", name, g.Kind, parsed.Role)}
	}
	if parsed.Role == userdata.Server {
		err = m.putServer(ctx, g, request)
	} else {
		err = m.putAgents(ctx, g, request, parsed.Config)
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if len(g.Machines) == 0 {
		delete(m.groups, name)
	}
	return m.view(g), err
}

// Delete removes a group: its nodes from their cluster, and a server with its data.
func (m *Manager) Delete(ctx context.Context, name string) error {
	defer m.lock(name)()
	m.mutex.Lock()
	g, ok := m.groups[name]
	m.mutex.Unlock()
	if !ok {
		return nil
	}
	if g.Kind == string(userdata.Server) {
		m.shutdown(g.Name)
		if err := os.RemoveAll(m.serverFolder(g.Name)); err != nil {
			return err
		}
	} else if err := m.removeAgents(ctx, g, g.Machines); err != nil {
		return err
	}
	names := []string{}
	for _, machine := range g.Machines {
		names = append(names, machineName(machine.Name))
	}
	if err := m.store.give(names...); err != nil {
		return err
	}
	m.mutex.Lock()
	delete(m.groups, name)
	m.mutex.Unlock()
	return os.Remove(m.store.groupPath(name))
}

func (m *Manager) serverFolder(name string) string {
	return filepath.Join(m.store.folder, "machines", name)
}

// record changes a group in memory and on disk.
func (m *Manager) record(g *group, change func()) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	change()
	return m.store.saveGroup(g)
}
