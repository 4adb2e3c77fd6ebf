package trend

import (
	"math"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestSlopeFitsTheLastHour(t *testing.T) {
	line := func(perHour float64, ages ...time.Duration) []Point {
		var points []Point
		for _, age := range ages {
			points = append(points, Point{now.Add(-age), 40 - perHour*age.Hours()})
		}
		return points
	}
	if got, known := Slope(line(12, time.Hour, 40*time.Minute, 5*time.Minute, 0)); !known || math.Abs(got-12) > 1e-6 {
		t.Errorf("a line: got %v %v", got, known)
	}
	older := append([]Point{{now.Add(-3 * time.Hour), 1e6}}, line(-3, 30*time.Minute, 0)...)
	if got, _ := Slope(older); math.Abs(got+3) > 1e-6 {
		t.Errorf("with a point older than an hour: got %v", got)
	}
	for _, points := range [][]Point{nil, line(1, 0), {{now, 1}, {now, 2}}} {
		if _, known := Slope(points); known {
			t.Errorf("%v: got a slope", points)
		}
	}
}
