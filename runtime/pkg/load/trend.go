package load

import "time"

// TrendWindow is how far back a trend looks.
const TrendWindow = time.Hour

// Point is one value of a series.
type Point struct {
	Time  time.Time
	Value float64
}

// Trend is the slope of the points of the last hour before the newest, in units an hour: least squares. False with
// fewer than two moments. Points are in the order of time.
func Trend(points []Point) (float64, bool) {
	if len(points) == 0 {
		return 0, false
	}
	newest := points[len(points)-1].Time
	var n, sumX, sumY, sumXX, sumXY float64
	for _, point := range points {
		age := newest.Sub(point.Time)
		if age > TrendWindow {
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
