package machines

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// serverStartTimeout limits how long a control plane takes to become ready.
const serverStartTimeout = 120 * time.Second

// server is the process of a control plane and its endpoint.
type server struct {
	keeper   *process.Keeper
	cancel   context.CancelFunc
	ended    chan struct{}
	endpoint string
	// kubeconfig is the path of the administrator's kubeconfig, which the control plane writes.
	kubeconfig string

	mutex  sync.Mutex
	cached kubernetes.Interface
}

// garbageCollection makes control planes collect garbage early: memory limits the number of clusters on a machine.
const garbageCollection = "GOGC=50"

func (m *Manager) putServer(ctx context.Context, g *group, request Request) error {
	if request.Count != 1 {
		return Error{http.StatusUnprocessableEntity, fmt.Sprintf("count: must be 1 for servers, because the lab runs one server per cluster; got %d", request.Count)}
	}
	if request.Address == "" {
		return Error{http.StatusUnprocessableEntity, "address: must name a reserved address for servers"}
	}
	address, err := m.Reserve(request.Address)
	if err != nil {
		return err
	}
	changed := g.Request.UserData != request.UserData || g.Request.CredentialsRevision != request.CredentialsRevision
	machine := &Machine{Name: g.Name + "-01", Hostname: hostname(request, 0), Address: address.Address, State: Booting}
	if err := m.update(g, func() { g.Request, g.Machines = request, []*Machine{machine} }); err != nil {
		return err
	}
	if err := m.writeServer(g, machine); err != nil {
		return err
	}
	m.mutex.Lock()
	running := m.servers[g.Name]
	m.mutex.Unlock()
	if running == nil {
		if running, err = m.boot(g); err != nil {
			return err
		}
	} else if changed {
		running.restart()
	}
	err = running.waitReady(ctx, machine.Hostname)
	return m.finishServer(g, machine, err)
}

// finishServer records whether a server became ready.
func (m *Manager) finishServer(g *group, machine *Machine, startErr error) error {
	saved := m.update(g, func() {
		machine.State, machine.Message = Ready, ""
		if startErr != nil {
			machine.State, machine.Message = Unreachable, startErr.Error()
		}
	})
	if startErr != nil {
		return Error{http.StatusUnprocessableEntity, fmt.Sprintf("%s did not become ready: %v", machine.Name, startErr)}
	}
	return saved
}

// writeServer writes the machine's specification and user data to its directory.
func (m *Manager) writeServer(g *group, machine *Machine) error {
	dir := m.serverDir(g.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	spec, err := json.Marshal(controlplane.Spec{
		Name: g.Request.Address, Hostname: machine.Hostname, Address: machine.Address, Port: apiPort, Hardware: g.Request.Machine,
		ParametersDir: m.parametersDir(),
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "spec.json"), spec, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "user-data"), []byte(g.Request.UserData), 0o600)
}

// boot starts a group's control plane and keeps it running.
func (m *Manager) boot(g *group) (*server, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := process.OpenLog(filepath.Join(m.store.dir, "logs", g.Request.Address+".log"))
	if err != nil {
		return nil, err
	}
	dir := m.serverDir(g.Name)
	ctx, cancel := context.WithCancel(m.ctx)
	s := &server{
		cancel: cancel, ended: make(chan struct{}),
		kubeconfig: filepath.Join(dir, controlplane.AdminKubeconfig),
		endpoint:   fmt.Sprintf("https://%s:%d", g.Machines[0].Address, apiPort),
	}
	s.keeper = &process.Keeper{
		GracePeriod: 10 * time.Second,
		Command: func() (*exec.Cmd, error) {
			command := exec.Command(executable, "server", "--machine-dir", dir, "--node-lease-duration", m.nodeLease.String())
			command.Env = append(os.Environ(), garbageCollection)
			command.Stdout, command.Stderr = log, log
			return command, nil
		},
		OnChange: func(status process.Status) {
			m.logger.Info("control plane changed", "cluster", g.Request.Address, "running", status.Running, "pid", status.PID,
				"restarts", status.Restarts, "err", status.Problem)
		},
	}
	m.mutex.Lock()
	m.servers[g.Name] = s
	m.mutex.Unlock()
	go func() {
		defer close(s.ended)
		s.keeper.Run(ctx)
	}()
	go func() {
		if err := s.waitReady(ctx, g.Machines[0].Hostname); err != nil {
			return
		}
		m.onServer(ctx, Cluster{
			Name: g.Request.Address, Kubeconfig: s.kubeconfig,
			Addresses: &PodAddresses{m.store, g.Request.Address},
		})
	}()
	return s, nil
}

func (m *Manager) shutdown(name string) {
	m.mutex.Lock()
	s := m.servers[name]
	delete(m.servers, name)
	m.mutex.Unlock()
	if s != nil {
		s.cancel()
		<-s.ended
	}
}

// Wait waits until every control plane has ended. They end with the lab's context.
func (m *Manager) Wait() {
	m.mutex.Lock()
	servers := make([]*server, 0, len(m.servers))
	for _, s := range m.servers {
		servers = append(servers, s)
	}
	m.mutex.Unlock()
	for _, s := range servers {
		<-s.ended
	}
}

// client returns an administrator's client of the cluster, or nil until the control plane has written its kubeconfig.
func (s *server) client() kubernetes.Interface {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.cached == nil {
		config, err := clientcmd.BuildConfigFromFlags("", s.kubeconfig)
		if err != nil {
			return nil
		}
		config.QPS = -1
		if client, err := kubernetes.NewForConfig(config); err == nil {
			s.cached = client
		}
	}
	return s.cached
}

// restart restarts the control plane with the current content of its directory.
func (s *server) restart() {
	s.mutex.Lock()
	s.cached = nil
	s.mutex.Unlock()
	s.keeper.Restart()
}

// ClusterStatus is the status of a control plane.
type ClusterStatus struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
	RSSBytes int64  `json:"rssBytes"`
	Ready    bool   `json:"ready"`
}

// Clusters returns the status of every control plane, sorted by name.
func (m *Manager) Clusters(ctx context.Context) []ClusterStatus {
	m.mutex.Lock()
	servers := map[string]*server{}
	for name, s := range m.servers {
		servers[m.groups[name].Request.Address] = s
	}
	m.mutex.Unlock()
	list := []ClusterStatus{}
	for name, s := range servers {
		status := s.keeper.Status()
		list = append(list, ClusterStatus{name, s.endpoint, status.PID, process.ReadMemory(status.PID).Resident, status.Running && s.isReady(ctx)})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

func (s *server) isReady(ctx context.Context) bool {
	client := s.client()
	if client == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	status := 0
	client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).StatusCode(&status)
	return status == http.StatusOK
}

// waitReady waits until the API server is ready and the server's own node exists.
func (s *server) waitReady(ctx context.Context, node string) error {
	ctx, cancel := context.WithTimeout(ctx, serverStartTimeout)
	defer cancel()
	for {
		if client := s.client(); client != nil {
			if _, err := client.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{}); err == nil && s.isReady(ctx) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API server was not ready within %s (%s); see the log of the cluster", serverStartTimeout, s.keeper.Status().Problem)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
