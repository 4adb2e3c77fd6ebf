package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/skerry-dev/skerry/runtime/internal/edgetest"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// quotaExceeded is the reason of MQTT 5 for a message that does not fit.
const quotaExceeded = 0x97

// TestRefusesWhenFull fills a class that refuses. MQTT 5 has a reason for that; MQTT 3.1.1 has none, so the connection ends.
// No refused message is acknowledged, and none arrives. When the cloud has acknowledged, there is room again.
func TestRefusesWhenFull(t *testing.T) {
	l := newLink(t, settings{classes: `{"name": "telemetry", "maxBytes": "600Ki", "maxMessageBytes": "1Ki", "whenFull": "Refuse"}`})
	fillAndDrain(t, l)
}

// TestRefusesWhenTheDiskIsFull does the same on a file system that is smaller than the class may be.
func TestRefusesWhenTheDiskIsFull(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("mounting a small file system needs root; the outbox's own tests cover full disks without it")
	}
	l := newLink(t, settings{})
	l.terminate()
	folder := filepath.Join(l.dir, "state")
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %v: %s", err, output)
	}
	defer func() {
		l.kill()
		_ = exec.Command("umount", folder).Run()
	}()
	l.start()
	l.connect(l.device)
	fillAndDrain(t, l)
}

func fillAndDrain(t *testing.T, l *link) {
	t.Helper()
	l.proxy.Set(edgetest.Refuse)
	refused := 0
	for count := 0; refused < 10; count++ {
		reason, err := l.device.Send()()
		switch {
		case err != nil:
			t.Fatal(err)
		case reason == quotaExceeded:
			refused++
		case reason != 0:
			t.Fatalf("the agent answered 0x%02x", reason)
		}
		if count > 100_000 {
			t.Fatal("the class does not become full")
		}
	}
	old := &edgetest.Device{Name: "old", Version: mqtt.Version311}
	l.connect(old)
	if _, err := old.Send()(); !errors.Is(err, edgetest.ErrNotAcknowledged) {
		t.Errorf("a device of MQTT 3.1.1 got %v, want a closed connection", err)
	}
	if code, _ := l.get("/healthz"); code != 200 {
		t.Errorf("healthz: %d", code)
	}
	if counted := l.metric(`relay_refused_total{reason="Full"}`); counted < 11 {
		t.Errorf("%v refusals are counted, want 11", counted)
	}
	kept := len(l.device.Promised())
	l.proxy.Set(edgetest.Pass)
	l.expectDelivery(l.cloud, l.device)
	if stored, _ := l.cloud.Count(); stored != kept {
		t.Errorf("%d messages are stored, %d were acknowledged", stored, kept)
	}
	l.eventually("there is room again", func() bool {
		reason, err := l.device.Send()()
		return err == nil && reason == 0
	})
	l.connect(old)
	if reason, err := old.Send()(); err != nil || reason != 0 {
		t.Errorf("after the drain, a device of MQTT 3.1.1 got 0x%02x, %v", reason, err)
	}
	l.expectDelivery(l.cloud, l.device, old)
}

// TestDropsTheOldestAndReportsIt fills a class that drops its oldest messages. The cloud gets the others, and learns which
// will not come.
func TestDropsTheOldestAndReportsIt(t *testing.T) {
	l := newLink(t, settings{classes: `{"name": "telemetry", "maxBytes": "600Ki", "maxMessageBytes": "1Ki", "whenFull": "DropOldest"}`})
	l.proxy.Set(edgetest.Refuse)
	l.publish(8000)
	l.proxy.Set(edgetest.Pass)
	l.eventually("everything is acknowledged", func() bool { return l.metric(`queue_depth{class="telemetry"}`) == 0 })
	stored, _ := l.cloud.Count()
	lost := l.metric(`messages_lost_total{class="telemetry",reason="Full"}`)
	if lost < 1000 || stored+int(lost) != 8000 {
		t.Errorf("%d messages are stored and %v lost, of 8000", stored, lost)
	}
	if err := l.cloud.Check(nil); err != nil {
		t.Error(err)
	}
	reported := uint64(0)
	l.eventually("the losses are reported", func() bool {
		report, err := edgeevents.DecodeLosses(l.cloud.Retained(edgeevents.LossesTopic("gateway-3", "telemetry")))
		reported = 0
		for _, each := range report.Losses {
			reported += each.Last - each.First + 1
		}
		return err == nil && reported == uint64(lost)
	})
}
