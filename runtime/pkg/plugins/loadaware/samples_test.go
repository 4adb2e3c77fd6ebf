package loadaware

import (
	"math"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func sampledCPU(l *ledger, second int, cpu, memory float64) (float64, float64) {
	var v load.Vector
	v.Set(load.CPU, cpu)
	v.Set(load.Memory, memory)
	l.sampled("n", &load.Profile{Usage: v, Time: at(second), Window: window}, at(second))
	b := l.accounts.Get("n").now.Load()
	return b.used[load.CPU].value, b.used[load.Memory].value
}

func eightCores() *ledger {
	l := testLedger(time.Hour)
	l.sized(node("n", 8), zero)
	return l
}

func TestABurstOfOneSampleCountsInPart(t *testing.T) {
	l := eightCores()
	sampledCPU(l, 30, 0.2, 0.2)
	cpu, memory := sampledCPU(l, 60, 1, 0.9)
	if want := 0.2 + believed*0.8; math.Abs(cpu-want) > 1e-9 || memory != 0.9 {
		t.Errorf("got %v and %v, want %v and all of the memory", cpu, memory, want)
	}
	for second := 90; second < 1500; second += 30 {
		cpu, _ = sampledCPU(l, second, 1, 0.9)
	}
	if math.Abs(cpu-1) > 1e-3 {
		t.Errorf("a load that stays is believed: got %v", cpu)
	}
}

func TestWhatPodsDoToANodeIsNotSmoothedAway(t *testing.T) {
	l := eightCores()
	sampledCPU(l, 30, 0.25, 0)
	// Four cores more from second 30 on, as the next sample confirms.
	l.begin("n", "pod", cores(4), at(30), at(30))
	if cpu, _ := sampledCPU(l, 60, 0.75, 0); math.Abs(cpu-0.75) > 0.01 {
		t.Errorf("got %v, want 0.75", cpu)
	}
}

func TestASampleAfterALongTimeCountsAlone(t *testing.T) {
	l := eightCores()
	sampledCPU(l, 30, 0, 0)
	if cpu, _ := sampledCPU(l, 30+int((farApart+1)*window/time.Second), 0.6, 0); cpu != 0.6 {
		t.Errorf("got %v, want 0.6", cpu)
	}
}
