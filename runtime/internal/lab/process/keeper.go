package process

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Back-off between restarts. The delay doubles up to its maximum, and resets after the process has run for a while.
const (
	minBackoff   = time.Second
	maxBackoff   = 30 * time.Second
	backoffReset = 2 * time.Minute
)

// Keeper runs a command and restarts it whenever it ends.
type Keeper struct {
	// Command returns a new command for each start.
	Command func() (*exec.Cmd, error)
	// OnChange is called at each start and end. It may be nil.
	OnChange func(Status)
	// GracePeriod is the time between SIGTERM and SIGKILL.
	GracePeriod time.Duration

	mutex  sync.Mutex
	status Status
	// restart and kill end the running process. They are nil while none runs.
	restart func()
	kill    func(outOfMemory bool)
}

// Status is the status of the process.
type Status struct {
	PID      int
	Running  bool
	Restarts int
	Started  time.Time
	// Problem explains why the process ended or could not start.
	Problem string
	// LastExit is the last exit, or nil if the process never ended.
	LastExit *Exit
}

// Exit describes the end of a process.
type Exit struct {
	// Code is the exit code, or 128 plus the signal number if a signal ended the process, as in a shell.
	Code              int
	OutOfMemory       bool
	Started, Finished time.Time
}

// Status returns the current status.
func (k *Keeper) Status() Status {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.status
}

func (k *Keeper) set(change func(*Status)) {
	k.mutex.Lock()
	change(&k.status)
	status := k.status
	k.mutex.Unlock()
	if k.OnChange != nil {
		k.OnChange(status)
	}
}

// Restart ends the process, and Run starts it again without a delay.
func (k *Keeper) Restart() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.restart != nil {
		k.restart()
	}
}

// KillOutOfMemory kills the process as the kernel kills one that exceeds its limit. Run restarts it after the back-off.
func (k *Keeper) KillOutOfMemory() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.kill != nil {
		k.kill(true)
	}
}

// Kill kills the process without warning. Run restarts it after the back-off, unless its context has ended.
func (k *Keeper) Kill() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.kill != nil {
		k.kill(false)
	}
}

// Run runs the process until the context ends, and then stops it.
func (k *Keeper) Run(ctx context.Context) {
	backoff := minBackoff
	for ctx.Err() == nil {
		started := time.Now()
		restarting := k.runOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		k.set(func(s *Status) { s.Restarts++ })
		if time.Since(started) > backoffReset || restarting {
			backoff = minBackoff
		}
		if restarting {
			continue
		}
		select {
		case <-time.After(backoff):
			backoff = min(2*backoff, maxBackoff)
		case <-ctx.Done():
		}
	}
}

// runOnce runs the process until it ends, and reports whether Restart ended it.
func (k *Keeper) runOnce(ctx context.Context) (restarting bool) {
	command, err := k.Command()
	if err == nil {
		err = Start(command)
	}
	if err != nil {
		k.set(func(s *Status) { s.Running, s.PID, s.Problem = false, 0, err.Error() })
		return false
	}
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	exit := &Exit{Started: time.Now()}
	k.mutex.Lock()
	k.restart = func() { restarting = true; cancel() }
	k.kill = func(outOfMemory bool) { exit.OutOfMemory = command.Process.Kill() == nil && outOfMemory }
	k.mutex.Unlock()
	k.set(func(s *Status) { s.Running, s.PID, s.Started, s.Problem = true, command.Process.Pid, exit.Started, "" })
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err = <-ended:
	case <-stop.Done():
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case err = <-ended:
		case <-time.After(k.GracePeriod):
			_ = command.Process.Kill()
			err = <-ended
		}
	}
	problem := "exited with code 0"
	if err != nil {
		problem = err.Error()
	}
	exit.Code, exit.Finished = ExitCode(command.ProcessState), time.Now()
	k.mutex.Lock()
	k.restart, k.kill = nil, nil
	if exit.OutOfMemory {
		problem = "killed: out of memory"
	}
	k.mutex.Unlock()
	k.set(func(s *Status) { s.Running, s.PID, s.Problem, s.LastExit = false, 0, problem, exit })
	return restarting
}

// ExitCode returns the exit code of a process, or 128 plus the number of the signal that ended it, as in a shell.
func ExitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
