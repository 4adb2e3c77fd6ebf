package plugins_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

var regions = []string{"tokyo", "osaka", "sydney"}

// world is a small random cluster with the features that affect where pods fit.
type world struct {
	nodes   []*corev1.Node
	running []*corev1.Pod
}

// chance returns true with a probability.
func chance(random *rand.Rand, probability float64) bool { return random.Float64() < probability }

func pick[T any](random *rand.Rand, values ...T) T { return values[random.IntN(len(values))] }

var tolerateAll = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}

func randomWorld(random *rand.Rand) world {
	w := world{nodes: []*corev1.Node{node("cloud", "", "4", "8Gi")}}
	pods := &testCluster{}
	for _, region := range append([]string{""}, regions...) {
		for i := range random.IntN(5) {
			name := fmt.Sprintf("%s-%d", region, i)
			if region == "" {
				name = "cloud" + name
			}
			n := node(name, region, pick(random, "1", "2", "4"), "8Gi")
			n.Labels[labels.TopologyZone] = pick(random, "a", "b", "c")
			if chance(random, 0.2) {
				n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: "dedicated", Value: "iot", Effect: corev1.TaintEffectNoSchedule})
			}
			if chance(random, 0.1) {
				n.Spec.Unschedulable = true
				n.Spec.Taints = append(n.Spec.Taints, corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule})
			}
			w.nodes = append(w.nodes, n)
			for range random.IntN(3) {
				p := pods.pinned(name, pick(random, "100m", "400m"))
				p.Labels["app"] = pick(random, "web", "db")
				p.Spec.Tolerations = tolerateAll
				switch random.IntN(5) {
				case 0:
					p.Spec.Affinity = antiAffinity(pick(random, "web", "db"), pick(random, "kubernetes.io/hostname", labels.TopologyZone, labels.EdgeRegion))
				case 1:
					p.Spec.InitContainers = sidecars(80)
				}
				w.running = append(w.running, p)
			}
		}
	}
	return w
}

// start starts a scheduler with the world. It deterministically omits running pods that do not fit together.
func (w world) start(t *testing.T) *testCluster {
	b := newTestCluster(t, "", w.nodes...)
	for _, p := range w.running {
		_, _ = b.cluster.Schedule(t.Context(), p.DeepCopy())
	}
	return b
}

// randomPod returns a random pod without region constraints.
func randomPod(random *rand.Rand) *corev1.Pod {
	p := (&testCluster{}).pod(pick(random, "100m", "900m", "2"))
	p.Name, p.UID = "tested", "tested"
	p.Labels["app"] = pick(random, "web", "db")
	if chance(random, 0.3) {
		p.Spec.Tolerations = tolerateAll
	}
	if chance(random, 0.2) {
		p.Spec.NodeSelector = map[string]string{labels.TopologyZone: pick(random, "a", "b")}
	}
	if chance(random, 0.3) {
		p.Spec.InitContainers = sidecars(80)
	}
	if chance(random, 0.3) {
		p.Spec.Affinity = antiAffinity(pick(random, "web", "db"), pick(random, "kubernetes.io/hostname", labels.TopologyZone))
	}
	return p
}

// withNodeAffinity restricts a pod to regions by node affinity, as users of the stock scheduler do.
func withNodeAffinity(pod *corev1.Pod, regions ...string) *corev1.Pod {
	p := pod.DeepCopy()
	if p.Spec.Affinity == nil {
		p.Spec.Affinity = &corev1.Affinity{}
	}
	p.Spec.Affinity.NodeAffinity = &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{
			{Key: labels.EdgeRegion, Operator: corev1.NodeSelectorOpIn, Values: regions},
		}}},
	}}
	return p
}

// withRegions restricts a pod to regions, in order of preference, by EdgeProximity.
func withRegions(pod *corev1.Pod, regions ...string) *corev1.Pod {
	p := pod.DeepCopy()
	p.Labels[labels.RequiredRegion] = regions[0]
	if len(regions) > 1 {
		p.Annotations[labels.AnnotationFallbackRegions] = strings.Join(regions[1:], ",")
	}
	return p
}

// forSeeds runs a check for several seeds, in parallel, because creating a scheduler is mostly waiting. It fails unless the
// checks have the given number of different outcomes, so that the random worlds are varied enough.
func forSeeds(t *testing.T, count uint64, outcomes int, check func(t *testing.T, random *rand.Rand) (outcome string)) {
	t.Helper()
	var mutex sync.Mutex
	seen := map[string]int{}
	t.Run("seed", func(t *testing.T) {
		for seed := range count {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				outcome := check(t, rand.New(rand.NewPCG(seed, 15)))
				mutex.Lock()
				defer mutex.Unlock()
				seen[outcome]++
			})
		}
	})
	if len(seen) != outcomes {
		t.Errorf("outcomes %v, want %d different ones", seen, outcomes)
	}
}

func randomRegions(random *rand.Rand) []string {
	allowed := slices.Clone(regions)
	random.Shuffle(len(allowed), func(i, j int) { allowed[i], allowed[j] = allowed[j], allowed[i] })
	return allowed[:1+random.IntN(len(allowed))]
}

func TestPlacesPodsInTheFirstRegionWhereNodeAffinityWouldPlaceThem(t *testing.T) {
	forSeeds(t, 60, 3, func(t *testing.T, random *rand.Rand) string {
		world, pod, allowed := randomWorld(random), randomPod(random), randomRegions(random)
		stock, want := world.start(t), ""
		for _, region := range allowed {
			if _, err := stock.cluster.Schedule(t.Context(), withNodeAffinity(pod, region)); err == nil {
				want = region
				break
			}
		}
		node, err := world.start(t).cluster.Schedule(t.Context(), withRegions(pod, allowed...))
		if got, _, _ := strings.Cut(node, "-"); got != want {
			t.Errorf("regions %v: got %q (%v), want %q", allowed, got, err, want)
		}
		return fmt.Sprint(want == "", want == allowed[0])
	})
}

func TestPlacesPodsWithHardSpreadIfNodeAffinityWouldPlaceThem(t *testing.T) {
	forSeeds(t, 60, 2, func(t *testing.T, random *rand.Rand) string {
		world, pod, allowed := randomWorld(random), randomPod(random), randomRegions(random)
		pod.Spec.TopologySpreadConstraints = hardSpread(pod.Labels["app"], pick(random, "kubernetes.io/hostname", labels.TopologyZone))
		_, want := world.start(t).cluster.Schedule(t.Context(), withNodeAffinity(pod, allowed...))
		_, got := world.start(t).cluster.Schedule(t.Context(), withRegions(pod, allowed...))
		if (got == nil) != (want == nil) {
			t.Errorf("regions %v: got %v, want %v", allowed, got, want)
		}
		return fmt.Sprint(want == nil)
	})
}
