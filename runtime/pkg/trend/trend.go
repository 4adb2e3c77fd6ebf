// Package trend fits lines to time series.
package trend

import "time"

// Window is the length of the series that a trend is fitted to.
const Window = time.Hour

// Point is one value of a time series.
type Point struct {
	Time  time.Time
	Value float64
}

// Slope returns the least-squares slope, per hour, of the points within Window before the newest. It returns false if they
// cover fewer than two different times. Points must be in chronological order.
func Slope(points []Point) (float64, bool) {
	if len(points) == 0 {
		return 0, false
	}
	newest := points[len(points)-1].Time
	var n, sumX, sumY, sumXX, sumXY float64
	for _, point := range points {
		age := newest.Sub(point.Time)
		if age > Window {
			continue
		}
		x := -age.Hours()
		n, sumX, sumY, sumXX, sumXY = n+1, sumX+x, sumY+point.Value, sumXX+x*x, sumXY+x*point.Value
	}
	spread := n*sumXX - sumX*sumX
	if spread <= 0 {
		return 0, false
	}
	return (n*sumXY - sumX*sumY) / spread, true
}
