package links

import "math"

// The figures are those of fleet/links.ts, which says where they come from; a test holds the two together.
const (
	earthRadiusKm  = 6371.0088
	fibreKmPerMs   = 299.792458 / 1.468
	pathStretch    = 1.6
	leastMs        = 1
	tenthsOfAMs    = 10
	degreesHalfway = 180
)

// Estimate is the round trip between two places in ms, to a tenth: there and back on the great circle, at the speed of
// light in fibre, times what cables are longer.
func Estimate(a, b Region) float64 {
	radians := func(degrees float64) float64 { return degrees * math.Pi / degreesHalfway }
	phiA, phiB := radians(a.Latitude), radians(b.Latitude)
	halfLatitude := math.Sin((phiB - phiA) / 2)
	halfLongitude := math.Sin(radians(b.Longitude-a.Longitude) / 2)
	h := halfLatitude*halfLatitude + math.Cos(phiA)*math.Cos(phiB)*halfLongitude*halfLongitude
	km := 2 * earthRadiusKm * math.Asin(math.Min(1, math.Sqrt(h)))
	ms := 2 * km / fibreKmPerMs * pathStretch
	return math.Max(leastMs, math.Round(ms*tenthsOfAMs)/tenthsOfAMs)
}
