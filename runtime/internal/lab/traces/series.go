// Package traces provides the usage of simulated machines: recordings of real machines, or generated series with the same
// statistics.
package traces

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// Step is the interval between the values of a series.
const Step = 5 * time.Minute

// Series is a value in percent over time.
type Series interface {
	// At returns the value at a time.
	At(t time.Time) float64
}

// Recorded is a series of recorded values at intervals of Step, which repeats forever.
type Recorded struct {
	Values []float64
	// Offset shifts the series by a number of steps, so that machines with the same recording differ.
	Offset int
}

// At returns the value at a time, interpolated between two recorded values.
func (r Recorded) At(t time.Time) float64 {
	position := float64(t.UnixNano())/float64(Step) + float64(r.Offset)
	whole, part := math.Modf(position)
	i := int(whole) % len(r.Values)
	next := (i + 1) % len(r.Values)
	return r.Values[i]*(1-part) + r.Values[next]*part
}

// Statistics describes a series by its mean and standard deviation in percent, and the autocorrelation at one step.
type Statistics struct{ Mean, Deviation, Correlation float64 }

// MachineStatistics are the statistics of the processor usage of ten machines over two weeks, computed from 4,032 values
// each, with negative correlations set to 0. Source: Numenta Anomaly Benchmark, data/realAWSCloudwatch, commit ea702d75.
var MachineStatistics = []Statistics{
	{0.13, 0.09, 0}, {1.83, 0.10, 0}, {43.11, 4.30, 0.30}, {10.52, 26.93, 0.82}, {89.79, 12.08, 0.97},
	{40.99, 21.92, 0.99}, {0.09, 0.09, 0}, {5.78, 11.81, 0.73}, {8.11, 3.65, 0.97}, {18.93, 5.60, 0.96},
}

// Generated is a first-order autoregressive series with the given statistics, clamped to 0 to 100. The same name generates
// the same series.
type Generated struct {
	Statistics
	Name string
}

// minWeight is the weight below which earlier innovations are ignored.
const minWeight = 0.01

// At returns the value at a time, interpolated between two steps.
func (g Generated) At(t time.Time) float64 {
	whole, part := math.Modf(float64(t.UnixNano()) / float64(Step))
	return g.step(int64(whole))*(1-part) + g.step(int64(whole)+1)*part
}

func (g Generated) step(index int64) float64 {
	sum, weight := 0.0, 1.0
	for weight > minWeight {
		sum += weight * g.innovation(index)
		weight *= g.Correlation
		index--
	}
	value := g.Mean + g.Deviation*math.Sqrt(1-g.Correlation*g.Correlation)*sum
	return math.Min(100, math.Max(0, value))
}

// innovation returns a normally distributed value that depends on the name and index only.
func (g Generated) innovation(index int64) float64 {
	return rand.New(rand.NewPCG(Hash(g.Name), uint64(index))).NormFloat64()
}

// Hash returns the FNV-1a hash of a name.
func Hash(name string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name))
	return hash.Sum64()
}
