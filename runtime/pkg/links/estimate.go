package links

import "math"

// The constants equal those in fleet/links.ts, which documents their sources; a test compares the results.
const (
	earthRadiusKm = 6371.0088
	fibreKmPerMs  = 299.792458 / 1.468
	pathStretch   = 1.6
	minMs         = 1
	stepsPerMs    = 10
	degreesPerPi  = 180
	// vacuumKmPerMs is the speed of light, which no link exceeds.
	vacuumKmPerMs = 299.792458
	// regionKm is the distance that two nodes may be closer than the coordinates of their regions.
	regionKm = 200
)

// Estimate returns an estimate of the round-trip time between two regions in ms, rounded to 0.1 ms: the great-circle
// distance, there and back, at the speed of light in fibre, times a factor for the detours of cables.
func Estimate(a, b Region) float64 {
	ms := 2 * distanceKm(a, b) / fibreKmPerMs * pathStretch
	return math.Max(minMs, math.Round(ms*stepsPerMs)/stepsPerMs)
}

// Shortest returns the shortest possible round-trip time in ms between nodes of two regions: at the speed of light in a
// vacuum, between the nearest places of the regions.
func Shortest(a, b Region) float64 {
	return 2 * math.Max(0, distanceKm(a, b)-regionKm) / vacuumKmPerMs
}

// distanceKm returns the great-circle distance.
func distanceKm(a, b Region) float64 {
	radians := func(degrees float64) float64 { return degrees * math.Pi / degreesPerPi }
	phiA, phiB := radians(a.Latitude), radians(b.Latitude)
	halfLatitude := math.Sin((phiB - phiA) / 2)
	halfLongitude := math.Sin(radians(b.Longitude-a.Longitude) / 2)
	h := halfLatitude*halfLatitude + math.Cos(phiA)*math.Cos(phiB)*halfLongitude*halfLongitude
	return 2 * earthRadiusKm * math.Asin(math.Min(1, math.Sqrt(h)))
}
