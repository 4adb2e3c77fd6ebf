// Package process runs child processes that end with the lab, even if the lab is killed.
package process

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

type request struct {
	command *exec.Cmd
	started chan error
}

var (
	once     sync.Once
	requests = make(chan request)
)

// Start starts a command that the kernel kills when this process dies. Linux kills the child when the thread that started
// it ends, so a single thread that never ends starts all commands.
func Start(command *exec.Cmd) error {
	once.Do(func() {
		go func() {
			runtime.LockOSThread()
			for request := range requests {
				request.started <- request.command.Start()
			}
		}()
	})
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig = syscall.SIGKILL
	started := make(chan error, 1)
	requests <- request{command, started}
	return <-started
}
