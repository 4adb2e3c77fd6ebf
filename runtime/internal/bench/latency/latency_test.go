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

func TestAMachineSharesItsProcessor(t *testing.T) {
	m := &machine{cores: 2, speed: 2, background: 0.5}
	var ended []float64
	for range 2 {
		m.add(0, 4, &piece{finished: func(now float64) { ended = append(ended, now) }})
	}
	// One core is free: each of two gets half of it, at speed 2. One core-second of work a second each.
	if got := m.next(); got != 4 {
		t.Errorf("the first ends at %v, want 4", got)
	}
	m.advance(2)
	m.background = 0
	// Two cores are free: 2 work a second each, 2 left.
	if got := m.next(); got != 3 {
		t.Errorf("the first ends at %v, want 3", got)
	}
	m.finish(3)
	m.finish(m.next())
	if len(ended) != 2 || ended[0] != 3 || ended[1] != 3 || !math.IsInf(m.next(), 1) {
		t.Errorf("%v", ended)
	}
	// Two seconds of two cores' half by others, and one free core used; then a second of two cores.
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

func TestTheSameScenarioGivesTheSameResult(t *testing.T) {
	for _, kind := range []Kind{Jobs, Services} {
		s := scenario(Edge)
		s.Kind = kind
		first, err := Run(context.Background(), s)
		second, again := Run(context.Background(), s)
		if err != nil || again != nil || first != second || first.Count == 0 {
			t.Errorf("%s: %+v %+v %v %v", kind, first, second, err, again)
		}
	}
}

func TestAllPoliciesMeetTheSameArrivals(t *testing.T) {
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
		t.Errorf("jobs differ: %v", counts)
	}
}

func TestABurstOnFrozenSamplesIsSpread(t *testing.T) {
	for seed := range uint64(20) {
		loads, err := Herd(context.Background(), Edge, seed)
		if err != nil {
			t.Fatal(err)
		}
		if got := MostOverMean(loads); got > 1.15 {
			t.Errorf("seed %d: busiest node over mean %v", seed, got)
		}
	}
}
