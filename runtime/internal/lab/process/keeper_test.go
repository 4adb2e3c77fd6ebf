package process

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

func eventually(t *testing.T, what string, look func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if look() {
			return
		}
	}
	t.Fatal(what)
}

func TestKeeperStartsAgainWhatEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	keeper := &Keeper{Grace: time.Second, Command: func() (*exec.Cmd, error) { return exec.Command("sleep", "60"), nil }}
	ended := make(chan struct{})
	go func() { defer close(ended); keeper.Run(ctx) }()
	eventually(t, "not started", func() bool { return keeper.Status().Running })
	first := keeper.Status().PID
	keeper.Restart()
	eventually(t, "not started again", func() bool { s := keeper.Status(); return s.Running && s.PID != first })
	if got := keeper.Status().Restarts; got != 1 {
		t.Errorf("%d restarts", got)
	}
	cancel()
	<-ended
	if keeper.Status().Running {
		t.Error("runs on after its context")
	}
}

func TestKeeperSaysWhyACommandDoesNotStart(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	keeper := &Keeper{Command: func() (*exec.Cmd, error) { return exec.Command("/nowhere/at-all"), nil }}
	go keeper.Run(ctx)
	eventually(t, "no problem told", func() bool { return keeper.Status().Problem != "" })
}
