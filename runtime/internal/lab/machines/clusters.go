package machines

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"sync"

	"k8s.io/client-go/kubernetes"

	"github.com/skerry-dev/skerry/runtime/internal/lab/balancer"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// cluster is what stands behind a reserved address: its servers and the balancer in front of them. It lasts until the address
// is freed, also while it has no servers.
type cluster struct {
	name, endpoint string
	dir            string
	balancer       *balancer.Balancer
	servers        map[string]*server
	// cancel ends the balancer and what runs once per cluster.
	cancel context.CancelFunc
	// announce calls Manager.onCluster once.
	announce func()

	mutex  sync.Mutex
	cached kubernetes.Interface
}

// Cluster is a cluster that has become ready.
type Cluster struct {
	Name string
	// Kubeconfig is the path of the administrator's kubeconfig, for whichever servers are healthy.
	Kubeconfig string
	Addresses  *PodAddresses
	Machines   *ClusterMachines
}

// ClusterStatus is the status of a cluster.
type ClusterStatus struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	// Ready reports whether a server is ready.
	Ready bool `json:"ready"`
	// RSSBytes is the resident memory of all its servers.
	RSSBytes int64 `json:"rssBytes"`
}

// openCluster returns the cluster of a reserved address, and starts its balancer if it is new.
func (m *Manager) openCluster(name string) (*cluster, error) {
	front, err := m.Reserve(name)
	if err != nil {
		return nil, err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if c := m.clusters[name]; c != nil {
		return c, nil
	}
	listening, err := balancer.Listen(net.JoinHostPort(front.Address, strconv.Itoa(apiPort)))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(m.ctx)
	c := &cluster{
		name: name, endpoint: fmt.Sprintf("https://%s:%d", front.Address, apiPort), dir: m.store.clusterDir(name),
		balancer: listening, servers: map[string]*server{}, cancel: cancel,
	}
	m.clusters[name] = c
	c.announce = sync.OnceFunc(func() {
		m.onCluster(ctx, Cluster{Name: name, Kubeconfig: c.kubeconfig(), Addresses: &PodAddresses{m.store, name}, Machines: &ClusterMachines{m, name}})
	})
	m.balancers.Add(1)
	context.AfterFunc(ctx, func() {
		defer m.balancers.Done()
		listening.Close()
	})
	return c, nil
}

// addServer adds a server to its cluster, and starts it unless it is switched off.
func (m *Manager) addServer(saved savedServer) (*server, error) {
	c, err := m.openCluster(saved.Request.Address)
	if err != nil {
		return nil, err
	}
	log, err := process.OpenLog(filepath.Join(m.store.dir, "logs", saved.Name+".log"))
	if err != nil {
		return nil, err
	}
	s := &server{
		name: saved.Name, dir: m.serverDir(saved.Name), endpoint: net.JoinHostPort(saved.Address, strconv.Itoa(apiPort)),
		log: log, logger: m.logger, settings: m.settings, saved: saved,
	}
	s.prepare = func() (startStep, error) { return m.prepareStart(s.record(), c.endpoint) }
	s.onHealth = func(healthy bool) {
		c.balancer.Report(saved.Name, s.endpoint, healthy)
		if healthy {
			c.announce()
			if s.takeRestored() {
				go m.reportVersions(m.ctx, c.endpoint)
			}
		}
	}
	m.mutex.Lock()
	c.servers[saved.Name] = s
	m.mutex.Unlock()
	if !saved.Stopped {
		s.start(m.ctx)
	}
	return s, nil
}

// closeCluster ends what runs for a cluster without servers, and deletes its state.
func (m *Manager) closeCluster(name string) error {
	m.mutex.Lock()
	c := m.clusters[name]
	if c != nil && len(c.servers) > 0 {
		m.mutex.Unlock()
		return errInUse
	}
	delete(m.clusters, name)
	m.mutex.Unlock()
	if c != nil {
		c.cancel()
		// The next cluster may get the same address.
		c.balancer.Close()
	}
	return os.RemoveAll(m.store.clusterDir(name))
}

func (c *cluster) kubeconfig() string { return filepath.Join(c.dir, controlplane.ClusterKubeconfig) }

// client returns an administrator's client of the cluster, or nil until a server has written its kubeconfig.
func (c *cluster) client() kubernetes.Interface {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.cached == nil {
		c.cached = newClient(c.kubeconfig())
	}
	return c.cached
}

// Clusters returns the status of every cluster, sorted by name.
func (m *Manager) Clusters() []ClusterStatus {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	list := []ClusterStatus{}
	for _, c := range m.clusters {
		status := ClusterStatus{Name: c.name, Endpoint: c.endpoint}
		for _, s := range c.servers {
			status.Ready = status.Ready || s.isHealthy()
			status.RSSBytes += process.ReadMemory(s.status().PID).Resident
		}
		list = append(list, status)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Wait waits until every server and balancer has ended. They end with the lab's context.
func (m *Manager) Wait() {
	m.mutex.Lock()
	var servers []*server
	for _, c := range m.clusters {
		for _, s := range c.servers {
			servers = append(servers, s)
		}
	}
	m.mutex.Unlock()
	for _, s := range servers {
		s.tasks.Wait()
	}
	m.balancers.Wait()
}
