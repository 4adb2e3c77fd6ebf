package resourceprofile

import (
	"math"
	"testing"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func TestParsePreference(t *testing.T) {
	for text, want := range map[string]Preference{
		"cpu-heavy":                     {0.7, 0.1, 0.1, 0.1},
		"cpu=1":                         {1, 0, 0, 0},
		"cpu=1, io=3":                   {0.25, 0, 0.75, 0},
		"network=2,memory=2,io=0":       {0, 0.5, 0, 0.5},
		"cpu=1e-3,memory=0.003":         {0.25, 0.75, 0, 0},
		"balanced":                      {0.25, 0.25, 0.25, 0.25},
		"io=1,network=1,cpu=1,memory=1": {0.25, 0.25, 0.25, 0.25},
	} {
		got, err := ParsePreference(text)
		for d := range got {
			if math.Abs(got[d]-want[d]) > 1e-12 {
				t.Errorf("%q: got %v, want %v (%v)", text, got, want, err)
			}
		}
	}
	for _, text := range []string{"", "fast", "cpu", "cpu=", "cpu=-1", "cpu=NaN", "cpu=Inf", "cpu=0", "cpu=0,io=0", "cpu=1,cpu=2", "disk=1", "cpu=1,"} {
		if got, err := ParsePreference(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func vectorOf(values map[load.Dimension]float64) *load.Vector {
	var v load.Vector
	for d, value := range values {
		v.Set(d, value)
	}
	return &v
}

func TestSimilarityComparesShapes(t *testing.T) {
	balanced := classes["balanced"]
	even := load.NewVector(0.3, 0.3, 0.3, 0.3)
	if got := similarity(balanced, &even); math.Abs(got-1) > 1e-9 {
		t.Errorf("same shape: got %v, want 1", got)
	}
	// By hand: w = (0.7, 0.1, 0.1, 0.1), c = (0.2, 0.4, 0.1, 0.1).
	// Σw²c = 0.098+0.004+0.001+0.001 = 0.104; Σw³ = 0.346; Σwc² = 0.028+0.016+0.001+0.001 = 0.046.
	uneven := load.NewVector(0.2, 0.4, 0.1, 0.1)
	if got, want := similarity(classes["cpu-heavy"], &uneven), 0.104/math.Sqrt(0.346*0.046); math.Abs(got-want) > 1e-9 {
		t.Errorf("got %v, want %v", got, want)
	}
	zero := load.NewVector(0, 0, 0, 0)
	if got := similarity(balanced, &zero); got != 0 {
		t.Errorf("full node: got %v, want 0", got)
	}
	if got := similarity(balanced, &load.Vector{}); got != 0 {
		t.Errorf("unknown node: got %v, want 0", got)
	}
	// Dimensions with half of the weight are unknown.
	if got := similarity(balanced, vectorOf(map[load.Dimension]float64{load.CPU: 0.5, load.Memory: 0.5})); math.Abs(got-0.5) > 1e-9 {
		t.Errorf("half known: got %v, want 0.5", got)
	}
	// Dimensions without weight do not affect the score.
	onlyCPU, _ := ParsePreference("cpu=1")
	if a, b := load.NewVector(0.1, 0.9, 0.9, 0.9), load.NewVector(0.1, 0, 0, 0); similarity(onlyCPU, &a) != similarity(onlyCPU, &b) {
		t.Error("dimensions without weight affect the score")
	}
}

func TestHeadroomFactorGrowsWithFreeResources(t *testing.T) {
	demand := vectorOf(map[load.Dimension]float64{load.CPU: 0.5, load.Memory: 1})
	for cores, want := range map[float64]float64{0.4: 0, 0.5: 0, 1.25: 0.5, 2: 1, 64: 1} {
		free := vectorOf(map[load.Dimension]float64{load.CPU: cores, load.Memory: 100})
		if got := headroomFactor(demand, free, 4); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v cores free: got %v, want %v", cores, got, want)
		}
	}
	if got := headroomFactor(&load.Vector{}, vectorOf(map[load.Dimension]float64{load.CPU: 0.1}), 4); got != 1 {
		t.Errorf("no demand: got %v, want 1", got)
	}
	if got := headroomFactor(demand, &load.Vector{}, 4); got != 1 {
		t.Errorf("unknown capability: got %v, want 1", got)
	}
}

func FuzzParsePreference(f *testing.F) {
	f.Add("cpu=0.2,io=0.8")
	f.Fuzz(func(t *testing.T, text string) {
		weights, err := ParsePreference(text)
		if err != nil {
			return
		}
		sum := 0.0
		for _, weight := range weights {
			if !(weight >= 0 && weight <= 1) {
				t.Errorf("%q: %v", text, weights)
			}
			sum += weight
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%q: weights sum to %v", text, sum)
		}
	})
}
