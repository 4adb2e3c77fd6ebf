package usage

import (
	"math"
	"slices"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/trend"
)

// keptSamples is the number of samples in a profile: enough to detect a step.
const keptSamples = 3

// History holds the latest samples, and the series of the last hour.
type History struct {
	samples []Sample
	// series of CPU, memory, I/O and network.
	series [4][]trend.Point
}

// Add adds a sample.
func (h *History) Add(sample Sample) {
	if len(h.samples) == keptSamples {
		// The usage of pods belongs to the newest sample.
		h.samples = slices.Delete(h.samples, 0, 1)
	}
	h.samples = append(h.samples, sample)
	for d, value := range sample.values() {
		points := slices.DeleteFunc(h.series[d], func(point trend.Point) bool { return sample.Time.Sub(point.Time) > trend.Window })
		if !math.IsNaN(value) {
			points = append(points, trend.Point{Time: sample.Time, Value: value})
		}
		h.series[d] = points
	}
}

// Samples returns the latest samples, oldest first.
func (h *History) Samples() []Sample { return h.samples }

// minTrend is the shortest series that gives a trend. The slope of a shorter one is mostly noise.
const minTrend = 10 * time.Minute

// Trend returns the change of CPU, memory, I/O and network in percentage points per hour. Unknown values are NaN.
func (h *History) Trend() [4]float64 {
	var slopes [4]float64
	for d, points := range h.series {
		slopes[d] = math.NaN()
		if len(points) > 0 && points[len(points)-1].Time.Sub(points[0].Time) >= minTrend {
			if slope, ok := trend.Slope(points); ok {
				slopes[d] = slope
			}
		}
	}
	return slopes
}

func (s Sample) values() [4]float64 { return [4]float64{s.CPU, s.Memory, s.IO, s.Network} }
