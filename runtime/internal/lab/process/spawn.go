// Package process runs child processes that never outlive the lab, whatever ends it.
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

// Start starts a command that the kernel kills when this process dies. Linux ties that to the thread that started the
// child, so one thread starts all of them and never ends.
func Start(command *exec.Cmd) error {
	once.Do(func() {
		go func() {
			runtime.LockOSThread()
			for each := range requests {
				each.started <- each.command.Start()
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
