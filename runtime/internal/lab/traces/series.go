// Package traces is how busy simulated machines are: recordings of real ones, or series made up with their statistics.
package traces

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// Step between the values of a series.
const Step = 5 * time.Minute

// Series is a value over time, in per cent.
type Series interface {
	At(t time.Time) float64
}

// Recorded values, a step apart, over and over again.
type Recorded struct {
	Values []float64
	// Offset in steps, so that machines with the same recording are not busy at the same time.
	Offset int
}

// At is the value at a time, on the line between two recorded ones.
func (r Recorded) At(t time.Time) float64 {
	position := float64(t.UnixNano())/float64(Step) + float64(r.Offset)
	whole, part := math.Modf(position)
	i := int(whole) % len(r.Values)
	next := (i + 1) % len(r.Values)
	return r.Values[i]*(1-part) + r.Values[next]*part
}

// Statistics of a series: mean and standard deviation in per cent, and the correlation of each value with the one before.
type Statistics struct{ Mean, Deviation, Correlation float64 }

// Known statistics of the recordings of ten machines' processors over two weeks (Numenta Anomaly Benchmark,
// data/realAWSCloudwatch, commit ea702d75), reckoned from all 4,032 values of each; negative correlations are left at 0.
var Known = []Statistics{
	{0.13, 0.09, 0}, {1.83, 0.10, 0}, {43.11, 4.30, 0.30}, {10.52, 26.93, 0.82}, {89.79, 12.08, 0.97},
	{40.99, 21.92, 0.99}, {0.09, 0.09, 0}, {5.78, 11.81, 0.73}, {8.11, 3.65, 0.97}, {18.93, 5.60, 0.96},
}

// Generated is a series of the first order (each value is the one before, drawn toward the mean, plus chance) with given
// statistics, cut off at 0 and 100. The same name gives the same series.
type Generated struct {
	Statistics
	Name string
}

// What is left of chance after so many steps no longer shows.
const remembered = 0.01

// At is the value at a time, on the line between two steps.
func (g Generated) At(t time.Time) float64 {
	whole, part := math.Modf(float64(t.UnixNano()) / float64(Step))
	return g.step(int64(whole))*(1-part) + g.step(int64(whole)+1)*part
}

func (g Generated) step(index int64) float64 {
	sum, weight := 0.0, 1.0
	for weight > remembered {
		sum += weight * g.chance(index)
		weight *= g.Correlation
		index--
	}
	value := g.Mean + g.Deviation*math.Sqrt(1-g.Correlation*g.Correlation)*sum
	return math.Min(100, math.Max(0, value))
}

// chance is normally distributed, and the same for the same name and index.
func (g Generated) chance(index int64) float64 {
	return rand.New(rand.NewPCG(Hash(g.Name), uint64(index))).NormFloat64()
}

// Hash of a name.
func Hash(name string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name))
	return hash.Sum64()
}
