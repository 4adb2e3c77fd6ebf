package process

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

func eventually(t *testing.T, message string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatal(message)
}

func TestKeeperRestartsProcess(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	keeper := &Keeper{GracePeriod: time.Second, Command: func() (*exec.Cmd, error) { return exec.Command("sleep", "60"), nil }}
	ended := make(chan struct{})
	go func() { defer close(ended); keeper.Run(ctx) }()
	eventually(t, "the process did not start", func() bool { return keeper.Status().Running })
	first := keeper.Status().PID
	keeper.Restart()
	eventually(t, "the process did not restart", func() bool { s := keeper.Status(); return s.Running && s.PID != first })
	if got := keeper.Status().Restarts; got != 1 {
		t.Errorf("got %d restarts, want 1", got)
	}
	cancel()
	<-ended
	if keeper.Status().Running {
		t.Error("the process still runs after the context ended")
	}
}

func TestKeeperReportsWhyProcessDoesNotStart(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	keeper := &Keeper{Command: func() (*exec.Cmd, error) { return exec.Command("/nowhere/at-all"), nil }}
	go keeper.Run(ctx)
	eventually(t, "the status has no problem", func() bool { return keeper.Status().Problem != "" })
}
