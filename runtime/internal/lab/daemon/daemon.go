// Package daemon runs the lab as one long-running process.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/api"
	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
	"github.com/skerry-dev/skerry/runtime/internal/lab/sandbox"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
)

// socketFile is the socket in the state directory.
const socketFile = "lab.sock"

// maxSocketPath is the maximum length of a Unix socket path on Linux, in bytes.
const maxSocketPath = 107

// Options configure the lab.
type Options struct {
	// StateDir is the directory of all state of the lab.
	StateDir string
	// ToolsDir is the directory of the programs that run as processes.
	ToolsDir string
	// TracesDir is a directory with recordings of machine usage. If it is empty, usage is generated.
	TracesDir string
	// SamplingInterval is the interval at which nodes publish their usage; 0 disables publishing.
	SamplingInterval time.Duration
	Settings         controlplane.Settings
}

// Serve runs the lab until the context ends or a client stops it.
func Serve(ctx context.Context, options Options) error {
	if err := options.Settings.Validate(); err != nil {
		return err
	}
	state, err := filepath.Abs(options.StateDir)
	if err != nil {
		return err
	}
	socket := filepath.Join(state, socketFile)
	if len(socket) > maxSocketPath {
		return fmt.Errorf("--state-dir: path is too long: the socket path %s must be at most %d bytes, got %d", socket, maxSocketPath, len(socket))
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(state, "lab.lock"))
	if err != nil {
		return err
	}
	defer unlock()

	log, err := process.OpenLog(filepath.Join(state, "logs", "lab.log"))
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(log, nil))
	logger.Info("starting lab", "pid", os.Getpid(), "stateDir", state)

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	registry := pods.NewRegistry()
	library, err := traces.Open(options.TracesDir)
	if err != nil {
		return err
	}
	simulation := programs.Simulate(options.ToolsDir, sandbox.Permitted())
	if simulation != nil {
		logger.Warn("edge data is simulated", "reason", simulation.Reason)
		options.Settings.Simulated = append(options.Settings.Simulated, simulation.Programs...)
	}
	runners := &runners{
		ctx:      ctx,
		programs: programs.NewTable(options.Settings.Simulated), tools: options.ToolsDir, state: state, registry: registry, logger: logger,
		usage: usage.Publisher{Traces: library, Interval: options.SamplingInterval, Logger: logger},
	}
	manager, err := machines.Open(ctx, state, options.Settings, logger, runners.start)
	if err != nil {
		return err
	}

	listener, err := listen(socket)
	if err != nil {
		return err
	}
	handler := (&api.Server{
		Machines: manager, Pods: registry, Logs: api.Logs{Dir: filepath.Join(state, "logs")}, Started: time.Now(), Stop: stop,
		Simulation: simulation,
	}).Handler()
	server := &http.Server{
		Handler:           rejectChangesAfter(ctx, handler),
		ReadHeaderTimeout: 10 * time.Second,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	runners.wait()
	manager.Wait()
	// The socket closes last: once it is gone, nothing writes to the state directory, and clients may remove it.
	shutdown, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = server.Shutdown(shutdown)
	logger.Info("lab stopped")
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// rejectChangesAfter rejects all requests but GET once the context has ended.
func rejectChangesAfter(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil && r.Method != http.MethodGet {
			http.Error(w, "the lab is stopping", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// lock prevents a second lab from using the state directory. The kernel releases the lock when this process ends.
func lock(path string) (func(), error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := os.ReadFile(path)
		_ = file.Close()
		return nil, fmt.Errorf("another lab (pid %s) is using the state directory %s", strings.TrimSpace(string(pid)), filepath.Dir(path))
	}
	if err := file.Truncate(0); err != nil {
		return nil, err
	}
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

// listen opens the socket, which only the user can access. An existing socket file is stale, because the caller holds the
// lock.
func listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	return net.Listen("unix", path)
}
