package roundtrip

import (
	"slices"
	"time"
)

const (
	// windowSize is the number of results that count: enough to ignore outliers, and few enough to follow a change.
	windowSize = 9
	// minResults is the number of results that a measurement needs.
	minResults = 3
	// maxAge is the age up to which a result counts.
	maxAge = 30 * time.Minute
)

// result is the result of one probe.
type result struct {
	time      time.Time
	roundTrip time.Duration
}

// window holds the latest results for one region.
type window []result

func (w window) add(r result) window {
	if len(w) == windowSize {
		w = slices.Delete(w, 0, 1)
	}
	return append(w, r)
}

// Measurement is the round-trip time from the node to another region.
type Measurement struct {
	Region string
	// Median and Spread of the results. Spread is the interquartile range.
	Median, Spread time.Duration
	Probes         int
	// Time of the latest result.
	Time time.Time
}

// measure returns the measurement at a time. It returns false if there are too few results.
func (w window) measure(region string, now time.Time) (Measurement, bool) {
	var times []time.Duration
	for _, each := range w {
		if now.Sub(each.time) <= maxAge {
			times = append(times, each.roundTrip)
		}
	}
	if len(times) < minResults {
		return Measurement{}, false
	}
	slices.Sort(times)
	return Measurement{
		Region: region, Median: quantile(times, 2), Spread: quantile(times, 3) - quantile(times, 1), Probes: len(times),
		Time: w[len(w)-1].time,
	}, true
}

// quantile returns a quartile of sorted values, interpolated linearly.
func quantile(sorted []time.Duration, quarter int) time.Duration {
	position := (len(sorted) - 1) * quarter
	low, rest := position/4, position%4
	if rest == 0 {
		return sorted[low]
	}
	return sorted[low] + (sorted[low+1]-sorted[low])*time.Duration(rest)/4
}
