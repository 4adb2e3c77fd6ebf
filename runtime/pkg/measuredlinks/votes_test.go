package measuredlinks

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
)

var now = time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)

const fleetLinks = `{"version":1,"unit":"ms","regions":[{"name":"osaka","latitude":34.7,"longitude":135.5},
{"name":"sydney","latitude":-33.9,"longitude":151.2},{"name":"tokyo","latitude":35.7,"longitude":139.7}],"links":[]}`

func fleet(t testing.TB) *links.Matrix {
	t.Helper()
	matrix, err := links.Parse([]byte(fleetLinks))
	if err != nil {
		t.Fatal(err)
	}
	return matrix
}

func report(region string, ms float64) v1alpha1.RoundTrip {
	return v1alpha1.RoundTrip{Region: region, MedianMs: ms, SpreadMs: 1, Probes: 9, Time: metav1.NewMicroTime(now)}
}

// count returns the outcome of votes from Tokyo and Sydney about each other.
func count(t testing.TB, tokyo, sydney []float64) (measurement, outcome) {
	ballot := ballot{}
	for _, ms := range tokyo {
		ballot.add("tokyo", []v1alpha1.RoundTrip{report("sydney", ms)}, now)
	}
	for _, ms := range sydney {
		ballot.add("sydney", []v1alpha1.RoundTrip{report("tokyo", ms)}, now)
	}
	pair := newEnds("tokyo", "sydney")
	return ballot[pair].count(pair, fleet(t))
}

func TestBothEndsMustAgree(t *testing.T) {
	for name, test := range map[string]struct {
		tokyo, sydney []float64
		want          outcome
		rtt           float64
	}{
		"all agree":                          {[]float64{104, 106, 105}, []float64{107, 103, 105}, measured, 105},
		"one node of each region lies":       {[]float64{104, 106, 0.1}, []float64{107, 999, 105}, measured, 105.5},
		"one node per region":                {[]float64{100}, []float64{104}, measured, 102},
		"one of two nodes lies":              {[]float64{100, 900}, []float64{104}, disagreement, 0},
		"all nodes of a region claim less":   {[]float64{60, 60, 60}, []float64{104, 105, 106}, disagreement, 0},
		"all nodes of a region claim more":   {[]float64{600, 600, 600}, []float64{104, 105, 106}, disagreement, 0},
		"all nodes of both are too fast":     {[]float64{20, 20, 20}, []float64{20, 20, 20}, implausible, 0},
		"only one region measures":           {[]float64{104}, nil, oneSided, 0},
		"a small difference of a short link": {[]float64{60}, []float64{61.9}, measured, 60.95},
	} {
		got, outcome := count(t, test.tokyo, test.sydney)
		if outcome != test.want || got.rttMs != test.rtt {
			t.Errorf("%s: got %s, %v ms, want %s, %v ms", name, outcome, got.rttMs, test.want, test.rtt)
		}
	}
}

// Whatever fewer than half of a region's nodes report, the result is within what the honest nodes measured, or there is none.
func TestLyingNodesHaveNoInfluenceBeyondHonestOnes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		honest := rapid.Float64Range(90, 110)
		lie := rapid.OneOf(rapid.Float64Range(0.001, 1000), rapid.Just(0.001), rapid.Just(1000.0))
		tokyo := append(rapid.SliceOfN(honest, 2, 2).Draw(r, "tokyo"), lie.Draw(r, "lie of tokyo"))
		sydney := append(rapid.SliceOfN(honest, 2, 2).Draw(r, "sydney"), lie.Draw(r, "lie of sydney"))
		got, outcome := count(t, tokyo, sydney)
		if outcome != measured || got.rttMs < 90 || got.rttMs > 110 {
			r.Fatalf("got %s, %v ms", outcome, got.rttMs)
		}
		// All nodes of one region lie: at most the tolerance below what the other region measures.
		same := lie.Draw(r, "lie of all")
		if got, outcome := count(t, []float64{same, same, same}, sydney[:2]); outcome == measured && (got.rttMs < 90/1.25 || got.rttMs > 110*1.25) {
			r.Fatalf("a region that lies: got %v ms", got.rttMs)
		}
	})
}

func TestOnlyOneRecentReportOfANodeCounts(t *testing.T) {
	ballot := ballot{}
	aged := func(region string, age time.Duration) v1alpha1.RoundTrip {
		r := report(region, 100)
		r.Time = metav1.NewMicroTime(now.Add(-age))
		return r
	}
	ballot.add("tokyo", []v1alpha1.RoundTrip{
		report("sydney", 100), report("sydney", 1), report("tokyo", 1), aged("osaka", maxVoteAge+time.Second), aged("osaka", -time.Minute), {Region: "osaka", Time: metav1.NewMicroTime(now)},
	}, now)
	if len(ballot) != 1 || len(ballot[newEnds("tokyo", "sydney")]["tokyo"]) != 1 {
		t.Errorf("got %+v", ballot)
	}
}

func TestSelectionIsStableAndCoversEveryRegion(t *testing.T) {
	var candidates []roundtrip.Node
	for i := range 100 {
		candidates = append(candidates, roundtrip.Node{Name: fmt.Sprintf("n%d", i), Region: fmt.Sprintf("r%d", i%4), Address: "10.0.0.1:1"})
	}
	selected := selectNodes(candidates)
	perRegion := map[string]int{}
	for _, node := range selected {
		perRegion[node.Region]++
	}
	if len(selected) != 4*nodesPerRegion || len(perRegion) != 4 {
		t.Errorf("got %+v", selected)
	}
	rapid.Check(t, func(r *rapid.T) {
		shuffled := rapid.Permutation(candidates).Draw(r, "order")
		if got := selectNodes(shuffled); fmt.Sprint(got) != fmt.Sprint(selected) {
			r.Fatalf("depends on the order: %v", got)
		}
		lost := rapid.IntRange(0, len(selected)-1).Draw(r, "lost")
		left := selectNodes(without(shuffled, selected[lost].Name))
		for i, node := range selected {
			if i != lost && !contains(left, node) {
				r.Fatalf("the loss of %s removed %s", selected[lost].Name, node.Name)
			}
		}
	})
}

func without(nodes []roundtrip.Node, name string) []roundtrip.Node {
	var left []roundtrip.Node
	for _, node := range nodes {
		if node.Name != name {
			left = append(left, node)
		}
	}
	return left
}

func contains(nodes []roundtrip.Node, wanted roundtrip.Node) bool {
	return len(without(nodes, wanted.Name)) < len(nodes)
}
