package usage

import (
	"math"
	"testing"
	"time"
)

func TestHistoryKeepsThreeSamplesAndTheTrendOfAnHour(t *testing.T) {
	history, start := &History{}, time.Now()
	for minute := range 180 {
		// Memory grows by 6 points per hour, and I/O is never measured.
		history.Add(Sample{
			Time: start.Add(time.Duration(minute) * time.Minute), Window: time.Minute,
			CPU: 10, Memory: 20 + float64(minute)/10, IO: math.NaN(), Network: float64(minute % 2),
		})
		if trend := history.Trend(); minute == 5 && !math.IsNaN(trend[1]) {
			t.Errorf("after five minutes: got %v", trend)
		}
	}
	samples := history.Samples()
	if len(samples) != keptSamples || !samples[2].Time.After(samples[0].Time) || samples[2].Memory != 20+17.9 {
		t.Errorf("got %+v", samples)
	}
	trend := history.Trend()
	if math.Abs(trend[0]) > 1e-6 || math.Abs(trend[1]-6) > 1e-6 || !math.IsNaN(trend[2]) || math.Abs(trend[3]) > 0.5 {
		t.Errorf("got %v", trend)
	}
	if len(history.series[0]) > 61 {
		t.Errorf("kept %d points", len(history.series[0]))
	}
}
