package latency

import (
	"context"
	"io"
	"math"
	"os"
	"testing"

	"k8s.io/klog/v2"
)

func TestMain(m *testing.M) {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	os.Exit(m.Run())
}

func TestMachineSharesItsCPUEqually(t *testing.T) {
	m := &machine{cores: 2, speed: 2, background: 0.5}
	var ended []float64
	for range 2 {
		m.add(0, 4, &piece{finished: func(now float64) { ended = append(ended, now) }})
	}
	// One core of speed 2 is free, so each of two pieces progresses by 1 per second.
	if got := m.next(); got != 4 {
		t.Errorf("next piece ends at %v, want 4", got)
	}
	m.advance(2)
	m.background = 0
	// Two cores are free, so each piece progresses by 2 per second, with 2 left.
	if got := m.next(); got != 3 {
		t.Errorf("next piece ends at %v, want 3", got)
	}
	m.finish(3)
	m.finish(m.next())
	if len(ended) != 2 || ended[0] != 3 || ended[1] != 3 || !math.IsInf(m.next(), 1) {
		t.Errorf("%v", ended)
	}
	// Two seconds of both cores, half of them background load, then one second of both cores.
	if math.Abs(m.used-(2*2+2)) > 1e-9 {
		t.Errorf("used %v core-seconds, want 6", m.used)
	}
}

func scenario(policy Policy) Scenario {
	return Scenario{
		Kind: Jobs, Policy: policy, Pattern: Bursts, Load: 0.6, Delay: 30, Seed: 3,
		Background: [][]float64{{10, 20, 15}, {80, 85, 90}, {0, 1, 0}}, Requests: []float64{1},
	}
}

func TestRunIsDeterministic(t *testing.T) {
	for _, kind := range []Kind{Jobs, Services} {
		s := scenario(Edge)
		s.Kind = kind
		first, err := Run(context.Background(), s)
		second, secondErr := Run(context.Background(), s)
		if err != nil || secondErr != nil || first != second || first.Count == 0 {
			t.Errorf("%s: %+v %+v %v %v", kind, first, second, err, secondErr)
		}
	}
}

func TestAllPoliciesHaveTheSameArrivals(t *testing.T) {
	counts := map[int]bool{}
	for _, policy := range Policies {
		result, err := Run(context.Background(), scenario(policy))
		if err != nil {
			t.Fatal(err)
		}
		if !(result.Mean > 0 && result.P95 >= result.Mean/10 && result.P99 >= result.P95) {
			t.Errorf("%s: %+v", policy, result)
		}
		counts[result.Count] = true
	}
	if len(counts) != 1 {
		t.Errorf("numbers of jobs differ: %v", counts)
	}
}

func TestSpreadsABurstOnFrozenSamples(t *testing.T) {
	for seed := range uint64(20) {
		loads, err := SimulateBurst(context.Background(), Edge, seed)
		if err != nil {
			t.Fatal(err)
		}
		if got := MaxOverMean(loads); got > 1.15 {
			t.Errorf("seed %d: highest over mean load is %v", seed, got)
		}
	}
}
