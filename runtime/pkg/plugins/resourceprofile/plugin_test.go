package resourceprofile

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newPlugin(t testing.TB) (*Plugin, *load.Store) {
	t.Helper()
	args, err := validation.DecodeResourceProfile(nil)
	if err != nil {
		t.Fatal(err)
	}
	store := &load.Store{}
	return New(args, clocktesting.NewFakePassiveClock(now), store, nil, nil, nil), store
}

// scoreNode returns the score of a node for a pod with a preference.
func scoreNode(p *Plugin, preference, node string) int64 {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{labels.AnnotationResourceProfile: preference}}}
	info := framework.NewNodeInfo()
	info.SetNode(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}})
	state := framework.NewCycleState()
	p.PreScore(context.Background(), state, pod, nil)
	score, _ := p.Score(context.Background(), state, pod, info)
	return score
}

func TestScoresStayInRangeForInvalidNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	special := []float64{0, 1, math.NaN(), math.Inf(1), math.Inf(-1), 1e302, -1e302, math.SmallestNonzeroFloat64}
	number := func() float64 {
		if random.IntN(2) == 0 {
			return special[random.IntN(len(special))]
		}
		return math.Float64frombits(random.Uint64())
	}
	vector := func() load.Vector { return load.NewVector(number(), number(), number(), number()) }
	p, store := newPlugin(t)
	for range 5000 {
		profile := load.Profile{Capability: vector(), Usage: vector(), Trend: vector(), Time: now, Window: 30 * time.Second}
		store.Put("n", &profile)
		for _, class := range []string{"balanced", "io-heavy", "cpu=1e-300,io=1"} {
			if got := scoreNode(p, class, "n"); got < 0 || got > 100 {
				t.Fatalf("%+v, %s: got %d", profile, class, got)
			}
		}
	}
}
