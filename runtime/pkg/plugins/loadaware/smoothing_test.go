package loadaware

import (
	"math"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func sampledCPU(tr *tracker, second int, cpu, memory float64) (float64, float64) {
	var v load.Vector
	v.Set(load.CPU, cpu)
	v.Set(load.Memory, memory)
	tr.setProfile("n", &load.Profile{Usage: v, Time: at(second), Window: window}, at(second))
	b := tr.nodes.Get("n").snapshot.Load()
	return b.smoothed[load.CPU].value, b.smoothed[load.Memory].value
}

func eightCores() *tracker {
	tr := newTracker(time.Hour)
	tr.setNode(node("n", 8), zero)
	return tr
}

func TestSmoothsBurstsOfCPU(t *testing.T) {
	tr := eightCores()
	sampledCPU(tr, 30, 0.2, 0.2)
	cpu, memory := sampledCPU(tr, 60, 1, 0.9)
	if want := 0.2 + smoothingFactor*0.8; math.Abs(cpu-want) > 1e-9 || memory != 0.9 {
		t.Errorf("got CPU %v and memory %v, want %v and 0.9", cpu, memory, want)
	}
	for second := 90; second < 1500; second += 30 {
		cpu, _ = sampledCPU(tr, second, 1, 0.9)
	}
	if math.Abs(cpu-1) > 1e-3 {
		t.Errorf("constant load: got %v, want 1", cpu)
	}
}

func TestDoesNotSmoothTheEffectOfNewPods(t *testing.T) {
	tr := eightCores()
	sampledCPU(tr, 30, 0.25, 0)
	// A pod uses four more cores from second 30 on, and the next sample confirms it.
	tr.assign("n", "pod", cores(4), at(30), at(30))
	if cpu, _ := sampledCPU(tr, 60, 0.75, 0); math.Abs(cpu-0.75) > 0.01 {
		t.Errorf("got %v, want 0.75", cpu)
	}
}

func TestDoesNotSmoothAcrossGaps(t *testing.T) {
	tr := eightCores()
	sampledCPU(tr, 30, 0, 0)
	if cpu, _ := sampledCPU(tr, 30+int((maxGap+1)*window/time.Second), 0.6, 0); cpu != 0.6 {
		t.Errorf("got %v, want 0.6", cpu)
	}
}
