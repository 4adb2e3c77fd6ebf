package process

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Back-off between restarts: doubled from the first to the last, and forgotten after a quiet while.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
	quiet      = 2 * time.Minute
)

// Keeper keeps one command running: what ends is started again.
type Keeper struct {
	// Command makes a fresh command for each start.
	Command func() (*exec.Cmd, error)
	// Changed is told of each start and end; may be nil.
	Changed func(Status)
	// Grace is how long a stopped process has between SIGTERM and SIGKILL.
	Grace time.Duration

	mutex  sync.Mutex
	status Status
	kick   func()
	kill   func()
}

// Status is how a kept process stands.
type Status struct {
	PID      int
	Running  bool
	Restarts int
	Started  time.Time
	// Problem is why it ended last, or could not be started.
	Problem string
	// Last is how it ended last; nil if it never did.
	Last *Exit
}

// Exit is how a process ended.
type Exit struct {
	// Code is the exit code, and 128 and the signal's number for a process that a signal ended, as a shell tells it.
	Code              int
	OutOfMemory       bool
	Started, Finished time.Time
}

// Status tells how the process stands.
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
	if k.Changed != nil {
		k.Changed(status)
	}
}

// Restart ends the process; Run starts it again at once.
func (k *Keeper) Restart() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.kick != nil {
		k.kick()
	}
}

// OutOfMemory kills the process as the kernel kills one that exceeds its limit; Run starts it again after its pause.
func (k *Keeper) OutOfMemory() {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.kill != nil {
		k.kill()
	}
}

// Run keeps the process until the context ends, and then stops it.
func (k *Keeper) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		started := time.Now()
		asked := k.once(ctx)
		if ctx.Err() != nil {
			return
		}
		k.set(func(s *Status) { s.Restarts++ })
		if time.Since(started) > quiet || asked {
			pause = firstPause
		}
		if asked {
			continue
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, lastPause)
		case <-ctx.Done():
		}
	}
}

// once runs the process to its end, and tells whether that end was asked for.
func (k *Keeper) once(ctx context.Context) (asked bool) {
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
	k.kick = func() { asked = true; cancel() }
	k.kill = func() { exit.OutOfMemory = command.Process.Kill() == nil }
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
		case <-time.After(k.Grace):
			_ = command.Process.Kill()
			err = <-ended
		}
	}
	problem := "ended with exit code 0"
	if err != nil {
		problem = err.Error()
	}
	exit.Code, exit.Finished = exitCode(command.ProcessState), time.Now()
	k.mutex.Lock()
	k.kick, k.kill = nil, nil
	if exit.OutOfMemory {
		problem = "killed: out of memory"
	}
	k.mutex.Unlock()
	k.set(func(s *Status) { s.Running, s.PID, s.Problem, s.Last = false, 0, problem, exit })
	return asked
}

func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
