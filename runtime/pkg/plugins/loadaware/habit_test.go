package loadaware

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func TestWhatPodsUseIsLearned(t *testing.T) {
	for _, habit := range []float64{0.3, 1, 4} {
		l, random := testLedger(time.Hour), rand.New(rand.NewPCG(1, 1))
		for n := range 10 {
			l.sized(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint(n)}, Status: corev1.NodeStatus{
				Allocatable: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("16"), corev1.ResourceMemory: resource.MustParse("16Gi")},
			}})
		}
		// Pods of half a core come and go; each node has a load of its own besides, that drifts.
		pods, own := make([]int, 10), make([]float64, 10)
		for n := range own {
			own[n] = 8 * random.Float64()
		}
		for second := 30; second < 30*60; second += 30 {
			for n := range pods {
				node := fmt.Sprint(n)
				own[n] = max(0, own[n]+0.2*random.NormFloat64())
				var v load.Vector
				v.Set(load.CPU, (own[n]+habit*0.5*float64(pods[n]))/16)
				l.sampled(node, &load.Profile{Usage: v, Time: at(second), Window: window})
				if random.IntN(2) == 0 {
					l.begin(node, types.UID(fmt.Sprint(n, "-", pods[n])), cores(0.5), at(second), at(second))
					pods[n]++
				} else if pods[n] > 0 {
					pods[n]--
					l.end(node, types.UID(fmt.Sprint(n, "-", pods[n])), cores(0.5), at(second))
				}
			}
		}
		if got := l.habit.factors(1).cores; math.Abs(got-habit) > 0.15*habit {
			t.Errorf("pods use %v of what they request: got %v", habit, got)
		}
	}
}

func TestARequestIsTakenAtItsWordAtFirst(t *testing.T) {
	var h habit
	if got := h.factors(1); got != (usage{1, 1}) {
		t.Errorf("got %v", got)
	}
	h.learn(usage{cores: 0.001}, usage{cores: 5})
	if got := h.factors(1).cores; math.Abs(got-1) > 0.01 {
		t.Errorf("little evidence: got %v", got)
	}
	h.learn(usage{cores: 100, bytes: 1e12}, usage{cores: -1e6, bytes: 1e20})
	if got := h.factors(1); got != (usage{leastHabit, mostHabit}) {
		t.Errorf("nonsense: got %v", got)
	}
}
