package measuredlinks

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

const (
	// maxVoteAge is the age up to which a report counts.
	maxVoteAge = 10 * time.Minute
	// maxVoteSkew is how far in the future a report may be.
	maxVoteSkew = 30 * time.Second
	// The medians of both ends agree if they differ by at most one of these.
	maxDifference, maxDifferenceMs = 0.25, 2
)

// ends are two regions, in alphabetical order. A round trip is the same in both directions.
type ends struct{ a, b string }

func newEnds(a, b string) ends { return ends{min(a, b), max(a, b)} }

// votes holds the reports about one pair of regions, by the region of the node that reports.
type votes map[string][]v1alpha1.RoundTrip

// ballot holds the votes by pair.
type ballot map[ends]votes

// add adds the reports of a node of a region. Each node has one vote for each other region.
func (b ballot) add(region string, reports []v1alpha1.RoundTrip, now time.Time) {
	seen := map[string]bool{region: true}
	for _, report := range reports {
		age := now.Sub(report.Time.Time)
		if seen[report.Region] || age > maxVoteAge || age < -maxVoteSkew || !(report.MedianMs > 0) {
			continue
		}
		seen[report.Region] = true
		pair := newEnds(region, report.Region)
		if b[pair] == nil {
			b[pair] = votes{}
		}
		b[pair][region] = append(b[pair][region], report)
	}
}

// outcome is the result of the votes about one pair.
type outcome string

const (
	measured outcome = "measured"
	// oneSided means that nodes of only one region measured.
	oneSided outcome = "one_sided"
	// disagreement means that the two ends do not agree.
	disagreement outcome = "disagreement"
	// implausible means that the result is faster than light or longer than any link.
	implausible outcome = "implausible"
)

// measurement is the agreed round-trip time between two regions.
type measurement struct {
	rttMs, spreadMs float64
	nodes           [2]int
}

// count returns the agreed measurement of a pair, which counts only if the outcome is measured.
func (v votes) count(pair ends, base *links.Matrix) (measurement, outcome) {
	a, b := v[pair.a], v[pair.b]
	if len(a) == 0 || len(b) == 0 {
		return measurement{}, oneSided
	}
	medianOf := func(reports []v1alpha1.RoundTrip, of func(v1alpha1.RoundTrip) float64) float64 {
		values := make([]float64, len(reports))
		for i, report := range reports {
			values[i] = of(report)
		}
		return median(values)
	}
	rtt := func(report v1alpha1.RoundTrip) float64 { return report.MedianMs }
	spread := func(report v1alpha1.RoundTrip) float64 { return report.SpreadMs }
	fromA, fromB := medianOf(a, rtt), medianOf(b, rtt)
	if math.Abs(fromA-fromB) > max(maxDifferenceMs, maxDifference*min(fromA, fromB)) {
		return measurement{}, disagreement
	}
	agreed := measurement{
		rttMs:    math.Round(100*(fromA+fromB)/2) / 100,
		spreadMs: max(medianOf(a, spread), medianOf(b, spread)), nodes: [2]int{len(a), len(b)},
	}
	regionA, foundA := base.Region(pair.a)
	regionB, foundB := base.Region(pair.b)
	if !foundA || !foundB || agreed.rttMs < links.Shortest(regionA, regionB) || !(agreed.rttMs > 0 && agreed.rttMs <= maxRTTMs) {
		return measurement{}, implausible
	}
	return agreed, measured
}

// maxRTTMs is the longest link of links.json.
const maxRTTMs = 1000

// source describes the measurement.
func (m measurement) source() string {
	return fmt.Sprintf("median of %d and %d nodes, spread %.2f ms", m.nodes[0], m.nodes[1], m.spreadMs)
}

// median returns the median; of an even number of values, the mean of the two in the middle.
func median(values []float64) float64 {
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}
