// Package daemon is the lab as one long-running process.
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
	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
)

// Longest path of a Unix socket on Linux, in bytes.
const socketLimit = 107

// leastLease leaves a busy machine a second or more to renew a lease.
const leastLease = 4 * time.Second

// Options say where the lab keeps its state and finds the programs that it runs for real.
type Options struct {
	State string
	Tools string
	// Traces is a folder with recordings of how busy machines are; none makes them up.
	Traces string
	// Sampling is how often nodes publish their usage; 0 is never.
	Sampling time.Duration
	// NodeLease is how long the leases of nodes last, in whole seconds; they are renewed four times in that.
	NodeLease time.Duration
}

// Serve runs the lab until the context ends or somebody asks it to stop.
func Serve(ctx context.Context, options Options) error {
	if options.NodeLease < leastLease || options.NodeLease%time.Second != 0 {
		return fmt.Errorf("--node-lease %s: want whole seconds, at least %s", options.NodeLease, leastLease)
	}
	state, err := filepath.Abs(options.State)
	if err != nil {
		return err
	}
	socket := filepath.Join(state, "lab.sock")
	if len(socket) > socketLimit {
		return fmt.Errorf("the state folder's path is too long: %s has %d bytes, a socket's path at most %d: choose a shorter one with --state", socket, len(socket), socketLimit)
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
	logger.Info("lab starts", "pid", os.Getpid(), "state", state)

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	registry := pods.NewRegistry()
	library, err := traces.Open(options.Traces)
	if err != nil {
		return err
	}
	runners := &runners{
		tools: options.Tools, state: state, registry: registry, logger: logger,
		usage: usage.Publisher{Traces: library, Every: options.Sampling, Logger: logger},
	}
	manager, err := machines.Open(ctx, state, options.NodeLease, logger, runners.start)
	if err != nil {
		return err
	}

	listener, err := listen(socket)
	if err != nil {
		return err
	}
	handler := (&api.Server{
		Machines: manager, Pods: registry, Logs: api.Logs{Folder: filepath.Join(state, "logs")}, Started: time.Now(), Stop: stop,
	}).Handler()
	server := &http.Server{
		Handler:           untilItEnds(ctx, handler),
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
	// Last: who finds nobody at the socket may remove the state folder, which nothing writes to any more.
	shutdown, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = server.Shutdown(shutdown)
	logger.Info("lab stopped")
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// untilItEnds answers questions until the end, and changes nothing any more once that has begun.
func untilItEnds(ctx context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil && r.Method != http.MethodGet {
			http.Error(w, "the lab is stopping", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// lock keeps a second lab away from a state folder. The kernel lets go of it when this process ends.
func lock(path string) (func(), error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := os.ReadFile(path)
		_ = file.Close()
		return nil, fmt.Errorf("another lab (pid %s) runs on this state folder: %s", strings.TrimSpace(string(pid)), filepath.Dir(path))
	}
	if err := file.Truncate(0); err != nil {
		return nil, err
	}
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

// listen opens the socket for the user alone. A socket that was left behind is in nobody's use: the lock is ours.
func listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	old := syscall.Umask(0o177)
	defer syscall.Umask(old)
	return net.Listen("unix", path)
}
