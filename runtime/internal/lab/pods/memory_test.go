package pods

import (
	"context"
	"os/exec"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// runScript runs a shell script as a container with a memory limit.
func runScript(t *testing.T, limit, script string) *container {
	t.Helper()
	c := &container{spec: corev1.Container{Name: "program"}, keeper: &process.Keeper{
		GracePeriod: time.Second, Command: func() (*exec.Cmd, error) { return exec.Command("sh", "-c", script), nil },
	}}
	if limit != "" {
		c.spec.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{}, 2)
	go func() { c.keeper.Run(ctx); ended <- struct{}{} }()
	go func() { c.limitMemory(ctx); ended <- struct{}{} }()
	t.Cleanup(func() { cancel(); <-ended; <-ended })
	return c
}

// use64MiB is a script that uses about 64 MiB of memory.
const use64MiB = "x=$(head -c 67108864 /dev/zero | tr '\\0' x); sleep 60; : $x"

func TestRunnerKillsProcessOverMemoryLimit(t *testing.T) {
	c := runScript(t, "32Mi", use64MiB)
	for limit := time.Now().Add(20 * time.Second); c.keeper.Status().Restarts == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the process was not killed")
		}
	}
	status := c.status("uid")
	ended := status.LastTerminationState.Terminated
	if ended == nil || ended.Reason != "OOMKilled" || ended.ExitCode != 137 || status.RestartCount != 1 {
		t.Errorf("got status %+v, last termination %+v", status, ended)
	}
	if waiting := status.State.Waiting; waiting != nil && waiting.Reason != "CrashLoopBackOff" {
		t.Errorf("got waiting reason %s, want CrashLoopBackOff", waiting.Reason)
	}
}

func TestRunnerKeepsProcessWithinMemoryLimit(t *testing.T) {
	for _, limit := range []string{"256Mi", ""} {
		c := runScript(t, limit, use64MiB)
		for deadline := time.Now().Add(10 * time.Second); process.ReadMemory(c.keeper.Status().PID).Unreclaimable < 64<<20; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the process does not use 64 MiB")
			}
		}
		time.Sleep(3 * memoryCheckInterval)
		if status := c.keeper.Status(); status.Restarts > 0 || !status.Running {
			t.Errorf("limit %q: got status %+v", limit, status)
		}
	}
}

func TestStatusReportsTerminationReason(t *testing.T) {
	for script, want := range map[string]corev1.ContainerStateTerminated{
		"exit 0":      {Reason: "Completed", ExitCode: 0},
		"exit 3":      {Reason: "Error", ExitCode: 3},
		"kill -9 $$":  {Reason: "Error", ExitCode: 137},
		"kill -15 $$": {Reason: "Error", ExitCode: 143},
	} {
		c := runScript(t, "", script)
		for limit := time.Now().Add(10 * time.Second); c.keeper.Status().Restarts == 0; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatal("the process did not end")
			}
		}
		if got := c.status("uid").LastTerminationState.Terminated; got == nil || got.Reason != want.Reason || got.ExitCode != want.ExitCode {
			t.Errorf("%s: got %+v, want %+v", script, got, want)
		}
	}
}
