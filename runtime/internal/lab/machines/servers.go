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

// How long a control plane may take until its API answers.
const serverStart = 120 * time.Second

// server is a control plane's process and what reaches it.
type server struct {
	keeper   *process.Keeper
	cancel   context.CancelFunc
	ended    chan struct{}
	endpoint string
	// kubeconfig of its administrator; the control plane writes it.
	kubeconfig string

	mutex  sync.Mutex
	cached kubernetes.Interface
}

// Control plane processes collect garbage early: memory is what limits how many clusters fit on a machine.
const garbage = "GOGC=50"

func (m *Manager) putServer(ctx context.Context, g *group, request Request) error {
	if request.Count != 1 {
		return Problem{422, fmt.Sprintf("%d servers asked for: the lab runs one server a cluster; state servers: 1", request.Count)}
	}
	if request.Address == "" {
		return Problem{422, "a group of servers needs a reserved address"}
	}
	address, err := m.Reserve(request.Address)
	if err != nil {
		return err
	}
	changed := g.Request.UserData != request.UserData
	machine := &Machine{Name: g.Name + "-01", Hostname: hostname(request, 0), Address: address.Address, State: Booting}
	if err := m.record(g, func() { g.Request, g.Machines = request, []*Machine{machine} }); err != nil {
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
	return m.settle(g, machine, err)
}

// settle records how a machine came out.
func (m *Manager) settle(g *group, machine *Machine, problem error) error {
	saved := m.record(g, func() {
		machine.State, machine.Message = Ready, ""
		if problem != nil {
			machine.State, machine.Message = Unreachable, problem.Error()
		}
	})
	if problem != nil {
		return Problem{422, fmt.Sprintf("%s did not come up: %v", machine.Name, problem)}
	}
	return saved
}

// writeServer puts what the machine is born with into its folder.
func (m *Manager) writeServer(g *group, machine *Machine) error {
	folder := m.serverFolder(g.Name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	spec, err := json.Marshal(controlplane.Spec{
		Name: g.Request.Address, Hostname: machine.Hostname, Address: machine.Address, Port: apiPort, Hardware: g.Request.Machine,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "spec.json"), spec, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "user-data"), []byte(g.Request.UserData), 0o600)
}

// boot starts a group's control plane and keeps it running.
func (m *Manager) boot(g *group) (*server, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := process.OpenLog(filepath.Join(m.store.folder, "logs", g.Request.Address+".log"))
	if err != nil {
		return nil, err
	}
	folder := m.serverFolder(g.Name)
	ctx, cancel := context.WithCancel(m.ctx)
	s := &server{
		cancel: cancel, ended: make(chan struct{}),
		kubeconfig: filepath.Join(folder, controlplane.AdminKubeconfig),
		endpoint:   fmt.Sprintf("https://%s:%d", g.Machines[0].Address, apiPort),
	}
	s.keeper = &process.Keeper{
		Grace: 10 * time.Second,
		Command: func() (*exec.Cmd, error) {
			command := exec.Command(executable, "server", "--machine", folder, "--node-lease", m.nodeLease.String())
			command.Env = append(os.Environ(), garbage)
			command.Stdout, command.Stderr = log, log
			return command, nil
		},
		Changed: func(status process.Status) {
			m.logger.Info("control plane", "cluster", g.Request.Address, "running", status.Running, "pid", status.PID,
				"restarts", status.Restarts, "problem", status.Problem)
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
			Network: &Pods{m.store, g.Request.Address},
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

// Wait returns when every control plane has ended, after the lab's context did.
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

// client talks to the cluster as its administrator; nil until the control plane has written how.
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

// restart starts the control plane anew, with what its folder now says.
func (s *server) restart() {
	s.mutex.Lock()
	s.cached = nil
	s.mutex.Unlock()
	s.keeper.Restart()
}

// ClusterStatus is how a control plane stands.
type ClusterStatus struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	PID      int    `json:"pid"`
	RSSBytes int64  `json:"rssBytes"`
	Ready    bool   `json:"ready"`
}

// Clusters lists the control planes.
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
		list = append(list, ClusterStatus{name, s.endpoint, status.PID, process.MemoryOf(status.PID).Resident, status.Running && s.answers(ctx)})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

func (s *server) answers(ctx context.Context) bool {
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

// waitReady waits until the API answers and the server's own node is there.
func (s *server) waitReady(ctx context.Context, node string) error {
	ctx, cancel := context.WithTimeout(ctx, serverStart)
	defer cancel()
	for {
		if client := s.client(); client != nil {
			if _, err := client.CoreV1().Nodes().Get(ctx, node, metav1.GetOptions{}); err == nil && s.answers(ctx) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("its API did not answer in time (%s): see the cluster's log", s.keeper.Status().Problem)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
