package machines

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// Intervals of the health checks of a server: until it is ready, and then.
const (
	startingInterval = 100 * time.Millisecond
	checkInterval    = 2 * time.Second
	checkTimeout     = 2 * time.Second
	// unhealthyAfter is the number of consecutive checks that a ready server must fail.
	unhealthyAfter = 2
)

// garbageCollection makes servers collect garbage early: memory limits the number of clusters on a machine.
const garbageCollection = "GOGC=50"

// server is a server machine, and its process while it is switched on.
type server struct {
	name, dir string
	// endpoint is the host and port of this server's API.
	endpoint string
	// prepare takes the steps before K3s starts, and returns the first that runs K3s.
	prepare  func() (startStep, error)
	log      *process.Log
	logger   *slog.Logger
	settings controlplane.Settings
	// onHealth is called with the result of every health check.
	onHealth func(healthy bool)

	// keeper runs the process. It is nil before the first start.
	keeper *process.Keeper
	cancel context.CancelFunc
	// tasks are the goroutines of the running process.
	tasks sync.WaitGroup

	mutex   sync.Mutex
	saved   savedServer
	healthy bool
	// k3s is the version of K3s that was started last. It is empty until the second start, because the process installs K3s at the
	// first boot.
	k3s    string
	cached kubernetes.Interface
	// restored reports whether the process has restored a snapshot since takeRestored was called last.
	restored bool
}

func (s *server) record() savedServer {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.saved
}

func (s *server) setRecord(saved savedServer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.saved = saved
}

// restart restarts the process with the current content of the machine's directory.
func (s *server) restart() {
	s.mutex.Lock()
	s.cached = nil
	keeper := s.keeper
	s.mutex.Unlock()
	if keeper != nil {
		keeper.Restart()
	}
}

// start runs the server's process, and again whenever it ends, until the context ends or the machine is switched off.
func (s *server) start(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	changed := make(chan struct{}, 1)
	keeper := &process.Keeper{
		GracePeriod: 10 * time.Second,
		Command:     s.command,
		OnChange: func(status process.Status) {
			s.logger.Info("server changed", "server", s.name, "running", status.Running, "pid", status.PID,
				"restarts", status.Restarts, "err", status.Problem)
			if !status.Running {
				s.setHealth(false)
			}
			select {
			case changed <- struct{}{}:
			default:
			}
		},
	}
	s.mutex.Lock()
	s.keeper, s.cancel = keeper, cancel
	s.mutex.Unlock()
	s.tasks.Add(2)
	go func() {
		defer s.tasks.Done()
		keeper.Run(ctx)
	}()
	go func() {
		defer s.tasks.Done()
		s.check(ctx, changed)
	}()
}

// command returns the next command of the machine: that of K3s or, if this machine restores its cluster, that of the restore. When
// the restore has ended, the keeper asks again.
func (s *server) command() (*exec.Cmd, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := agent.CheckK3s(s.dir); err != nil {
		return nil, err
	}
	installed, err := agent.InstalledK3s(s.dir)
	if err != nil {
		return nil, err
	}
	s.setK3s(installed)
	step, err := s.prepare()
	if err != nil {
		return nil, err
	}
	args := append([]string{"server", "--machine-dir", s.dir}, s.settings.Args()...)
	if step.Kind == stepRestore {
		s.mutex.Lock()
		s.restored = true
		s.mutex.Unlock()
		args = append(args, "--restore-snapshot", step.Snapshot, "--restore-id", step.ID)
	}
	command := exec.Command(executable, args...)
	command.Env = append(os.Environ(), garbageCollection)
	command.Stdout, command.Stderr = s.log, s.log
	return command, nil
}

// powerOff kills the process and waits until it has ended.
func (s *server) powerOff() {
	s.mutex.Lock()
	cancel, keeper := s.cancel, s.keeper
	s.mutex.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	keeper.Kill()
	s.tasks.Wait()
	s.setHealth(false)
}

func (s *server) status() process.Status {
	s.mutex.Lock()
	keeper := s.keeper
	s.mutex.Unlock()
	if keeper == nil {
		return process.Status{}
	}
	return keeper.Status()
}

// state returns the state of the machine, and what it waits for.
func (s *server) state(saved savedServer, status process.Status) (State, string) {
	switch {
	case saved.Stopped:
		return Stopped, ""
	case s.isHealthy():
		return Ready, ""
	case !status.Running:
		return Unreachable, status.Problem
	}
	report := controlplane.ReadReport(s.dir)
	if report.State == controlplane.ReportStarted {
		return Unreachable, "the API server is not ready; etcd may have lost its majority"
	}
	return State(report.State), report.Message
}

func (s *server) isHealthy() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.healthy
}

// takeRestored reports whether the process has restored a snapshot, once.
func (s *server) takeRestored() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	restored := s.restored
	s.restored = false
	return restored
}

func (s *server) setK3s(version string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.k3s = version
}

// runsK3s reports whether the server is healthy and runs the K3s that is installed, and not one that is about to be replaced.
func (s *server) runsK3s() bool {
	installed, err := agent.InstalledK3s(s.dir)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return err == nil && s.healthy && (s.k3s == "" || s.k3s == installed)
}

func (s *server) setHealth(healthy bool) {
	s.mutex.Lock()
	s.healthy = healthy
	s.mutex.Unlock()
	s.onHealth(healthy)
}

// check checks the server's health until the context ends, and at once when its process starts or ends.
func (s *server) check(ctx context.Context, changed <-chan struct{}) {
	failures := 0
	for {
		switch {
		case s.isReady(ctx):
			failures = 0
			s.setHealth(true)
		case ctx.Err() != nil:
			return
		default:
			if failures++; failures >= unhealthyAfter || !s.status().Running {
				s.setHealth(false)
			}
		}
		interval := startingInterval
		if s.isHealthy() {
			interval = checkInterval
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-time.After(interval):
		}
	}
}

// client returns an administrator's client of this server, or nil until the server has written its kubeconfig.
func (s *server) client() kubernetes.Interface {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.cached == nil {
		s.cached = newClient(filepath.Join(s.dir, controlplane.AdminKubeconfig))
	}
	return s.cached
}

// newClient returns a client with a kubeconfig, or nil if there is none.
func newClient(kubeconfig string) kubernetes.Interface {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil
	}
	return client
}

// isReady reports whether the server serves the API.
func (s *server) isReady(ctx context.Context) bool {
	client := s.client()
	if client == nil || !s.status().Running {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	status := 0
	client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).StatusCode(&status)
	return status == http.StatusOK
}
