package loadaware

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func TestUsageRatioConvergesToTheActualRatio(t *testing.T) {
	for _, ratio := range []float64{0.3, 1, 4} {
		tr, random := newTracker(time.Hour), rand.New(rand.NewPCG(1, 1))
		for n := range 10 {
			tr.setNode(node(fmt.Sprint(n), 16), zero)
		}
		// Pods of half a core start and end. Each node also has a background load that drifts.
		pods, own := make([]int, 10), make([]float64, 10)
		for n := range own {
			own[n] = 8 * random.Float64()
		}
		for second := 30; second < 60*60; second += 30 {
			for n := range pods {
				node := fmt.Sprint(n)
				own[n] = max(0, own[n]+0.2*random.NormFloat64())
				var v load.Vector
				v.Set(load.CPU, (own[n]+ratio*0.5*float64(pods[n]))/16)
				tr.setProfile(node, &load.Profile{Usage: v, Time: at(second), Window: window}, at(second))
				if random.IntN(2) == 0 {
					tr.assign(node, types.UID(fmt.Sprint(n, "-", pods[n])), cores(0.5), at(second), at(second))
					pods[n]++
				} else if pods[n] > 0 {
					pods[n]--
					tr.end(node, types.UID(fmt.Sprint(n, "-", pods[n])), cores(0.5), at(second))
				}
			}
		}
		if got := tr.usageRatio.perRequestedCore(1); math.Abs(got-ratio) > 0.15*ratio {
			t.Errorf("pods use %v times their requests: got %v", ratio, got)
		}
	}
}

func TestUsageRatioStartsAtOne(t *testing.T) {
	var r usageRatio
	if got := r.perRequestedCore(2); got != 2 {
		t.Errorf("got %v, want the mean core speed", got)
	}
	r.learn(0.001, 5, 1)
	if got := r.perRequestedCore(1); math.Abs(got-1) > 0.01 {
		t.Errorf("after a tiny observation: got %v", got)
	}
}

func TestOneOutlierBarelyChangesTheUsageRatio(t *testing.T) {
	for name, change := range map[string][2]float64{
		"a large busy pod": {512, 1e5}, "an idle pod": {512, 0}, "nonsense": {1e-9, 1e12}, "falling usage": {64, -1e9},
	} {
		var r usageRatio
		for range 20 {
			r.learn(1, 1, 1)
		}
		r.learn(change[0], change[1], 1)
		if got := r.perRequestedCore(1); math.Abs(got-1) > 0.15 {
			t.Errorf("%s: got %v, want about 1", name, got)
		}
	}
}
