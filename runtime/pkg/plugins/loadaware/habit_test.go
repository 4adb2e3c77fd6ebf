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

func TestWhatPodsUseIsLearned(t *testing.T) {
	for _, habit := range []float64{0.3, 1, 4} {
		l, random := testLedger(time.Hour), rand.New(rand.NewPCG(1, 1))
		for n := range 10 {
			l.sized(node(fmt.Sprint(n), 16), zero)
		}
		// Pods of half a core come and go; each node has a load of its own besides, that drifts.
		pods, own := make([]int, 10), make([]float64, 10)
		for n := range own {
			own[n] = 8 * random.Float64()
		}
		for second := 30; second < 60*60; second += 30 {
			for n := range pods {
				node := fmt.Sprint(n)
				own[n] = max(0, own[n]+0.2*random.NormFloat64())
				var v load.Vector
				v.Set(load.CPU, (own[n]+habit*0.5*float64(pods[n]))/16)
				l.sampled(node, &load.Profile{Usage: v, Time: at(second), Window: window}, at(second))
				if random.IntN(2) == 0 {
					l.begin(node, types.UID(fmt.Sprint(n, "-", pods[n])), cores(0.5), at(second), at(second))
					pods[n]++
				} else if pods[n] > 0 {
					pods[n]--
					l.end(node, types.UID(fmt.Sprint(n, "-", pods[n])), cores(0.5), at(second))
				}
			}
		}
		if got := l.habit.perCore(1); math.Abs(got-habit) > 0.15*habit {
			t.Errorf("pods use %v of what they request: got %v", habit, got)
		}
	}
}

func TestARequestIsTakenAtItsWordAtFirst(t *testing.T) {
	var h habit
	if got := h.perCore(2); got != 2 {
		t.Errorf("got %v, want the speed of a core", got)
	}
	h.learn(0.001, 5, 1)
	if got := h.perCore(1); math.Abs(got-1) > 0.01 {
		t.Errorf("little evidence: got %v", got)
	}
}

func TestOneChangeShiftsTheHabitByLittle(t *testing.T) {
	for name, change := range map[string][2]float64{
		"a large pod that does much": {512, 1e5}, "a pod that does nothing": {512, 0}, "nonsense": {1e-9, 1e12}, "usage that falls": {64, -1e9},
	} {
		var h habit
		for range 20 {
			h.learn(1, 1, 1)
		}
		h.learn(change[0], change[1], 1)
		if got := h.perCore(1); math.Abs(got-1) > 0.15 {
			t.Errorf("%s: got %v, want about 1", name, got)
		}
	}
}
