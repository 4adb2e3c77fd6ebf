package loadaware

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// world is a plugin with nodes of 8 cores and 16 GiB.
type world struct {
	plugin *Plugin
	store  *load.Store
	clock  *clocktesting.FakePassiveClock
	infos  map[string]*framework.NodeInfo
}

func newWorld(t testing.TB, args string, nodes int) *world {
	t.Helper()
	w := &world{infos: map[string]*framework.NodeInfo{}}
	w.plugin, w.store, w.clock = newPlugin(t, args)
	for n := range nodes {
		w.addNode(node(fmt.Sprint(n), 8))
	}
	return w
}

func (w *world) addNode(node *corev1.Node) {
	w.infos[node.Name] = framework.NewNodeInfo()
	w.infos[node.Name].SetNode(node)
	w.plugin.NodeHandler().OnAdd(node, true)
}

// runPod starts a pod of a workload on a node.
func (w *world) runPod(uid, workload, node, memory string) *corev1.Pod {
	pod := requesting(uid, workload, memory)
	pod.Spec.NodeName, pod.Status.StartTime = node, &metav1.Time{Time: w.clock.Now()}
	w.plugin.PodHandler().OnAdd(pod, true)
	return pod
}

func requesting(uid, workload, memory string) *corev1.Pod {
	pod := owned("StatefulSet", workload, nil)
	pod.Name, pod.UID = uid, types.UID(uid)
	pod.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("500m"), corev1.ResourceMemory: resource.MustParse(memory),
	}}}}
	return pod
}

// attempt runs PreFilter, Filter and Score, and returns the score of each node and whether it is rejected.
func (w *world) attempt(pod *corev1.Pod) (scores map[string]int64, rejected map[string]bool) {
	scores, rejected = map[string]int64{}, map[string]bool{}
	ctx, state := context.Background(), framework.NewCycleState()
	_, status := w.plugin.PreFilter(ctx, state, pod, nil)
	for name, info := range w.infos {
		rejected[name] = !status.IsSkip() && !w.plugin.Filter(ctx, state, pod, info).IsSuccess()
		scores[name], _ = w.plugin.Score(ctx, state, pod, info)
	}
	return scores, rejected
}

func (w *world) sample(node string, memory float64, pods ...load.PodUsage) {
	w.store.Put(node, &load.Profile{Usage: load.NewVector(0.1, memory, 0.1, 0.1), Time: w.clock.Now(), Window: window, Pods: pods})
}

// nextWindow advances the clock by one window.
func (w *world) nextWindow() { w.clock.SetTime(w.clock.Now().Add(window)) }

// hostileNumber returns random bits, or a number that often causes faults.
func hostileNumber(random *rand.Rand) float64 {
	special := []float64{0, math.NaN(), math.Inf(1), math.Inf(-1), 1e302, -1e302, 4, 4096, 1000, math.SmallestNonzeroFloat64}
	switch random.IntN(3) {
	case 0:
		return math.Float64frombits(random.Uint64())
	case 1:
		return special[random.IntN(len(special))]
	}
	return random.Float64()
}

func TestInvalidSamplesDoNotSpoilEstimates(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, `,"thresholds":{"cpu":90,"network":90}`, 4)
		number := func() float64 { return hostileNumber(random) }
		for step := range 60 {
			name, pod := fmt.Sprint(random.IntN(4)), fmt.Sprint("pod-", random.IntN(12))
			switch random.IntN(4) {
			case 0:
				w.runPod(pod, "db", name, "1Gi")
			case 1:
				w.plugin.tracker.end(name, types.UID(pod), podDemand{}, w.clock.Now())
			default:
				w.store.Put(name, &load.Profile{
					Usage: load.NewVector(number(), number(), number(), number()), Speed: number(), Window: window,
					Time: w.clock.Now().Add(time.Duration(random.IntN(3)-1) * time.Hour * time.Duration(random.IntN(2))),
					Pods: []load.PodUsage{{Pod: types.UID(pod), Cores: number(), Bytes: number()}},
				})
			}
			w.nextWindow()
			scores, _ := w.attempt(requesting("next", "db", "1Gi"))
			for node, score := range scores {
				if score < 0 || score > fwk.MaxNodeScore {
					t.Fatalf("seed %d, step %d: node %s scores %d", seed, step, node, score)
				}
			}
		}
		// From here on, samples are valid and the nodes nearly idle. The plugin may estimate at most 5 of 8 cores for a pod
		// that requests half a core, which scores 80.
		for n := range 4 {
			for pod := range 12 {
				w.plugin.tracker.end(fmt.Sprint(n), types.UID(fmt.Sprint("pod-", pod)), podDemand{}, w.clock.Now())
			}
		}
		for range 40 {
			w.nextWindow()
			for n := range 4 {
				w.sample(fmt.Sprint(n), 0.1)
			}
		}
		scores, rejected := w.attempt(requesting("other", "web", "1Gi"))
		for n := range 4 {
			if node := fmt.Sprint(n); rejected[node] || scores[node] < 80 {
				t.Errorf("seed %d: an idle node scores %d, rejected: %v", seed, scores[node], rejected[node])
			}
		}
		if got := w.plugin.tracker.usageRatio.perRequestedCore(1); !(got >= minRatio && got <= maxRatio) {
			t.Errorf("seed %d: usage ratio %v", seed, got)
		}
	}
}

func TestSamplesOfOneNodeDoNotRejectOthers(t *testing.T) {
	for name, happens := range map[string]func(w *world){
		// It requests 512Mi and uses 15 GiB.
		"a pod that uses far more than it requests": func(w *world) {
			w.sample("0", 0.02)
			w.runPod("greedy", "greedy", "0", "512Mi")
			w.nextWindow()
			w.nextWindow()
			w.sample("0", 0.95, load.PodUsage{Pod: "greedy", Cores: 4, Bytes: 15 << 30})
		},
		"a sample of 400 %": func(w *world) {
			w.runPod("greedy", "greedy", "0", "512Mi")
			w.sample("0", 4)
		},
		"bytes instead of percent": func(w *world) { w.sample("0", 1<<30) },
	} {
		w := newWorld(t, "", 11)
		for n := range 11 {
			w.sample(fmt.Sprint(n), 0.1)
		}
		happens(w)
		_, rejected := w.attempt(requesting("next", "web", "1Gi"))
		for n := range 10 {
			if rejected[fmt.Sprint(n+1)] {
				t.Errorf("%s: an idle node is rejected", name)
			}
		}
	}
}

func TestRejectsByTheMeasuredUsageOfTheWorkload(t *testing.T) {
	w := newWorld(t, "", 2)
	w.runPod("db-0", "db", "0", "512Mi")
	for range 10 {
		w.nextWindow()
		w.nextWindow()
		w.sample("0", 0.6, load.PodUsage{Pod: "db-0", Cores: 0.1, Bytes: 8 << 30})
		w.sample("1", 0.1)
	}
	// The next pod of the workload also uses 8 of 16 GiB, regardless of its request.
	if _, rejected := w.attempt(requesting("db-1", "db", "512Mi")); !rejected["0"] || rejected["1"] {
		t.Errorf("next pod of the workload: %v", rejected)
	}
	if _, rejected := w.attempt(requesting("web-0", "web", "512Mi")); rejected["0"] {
		t.Error("a pod of another workload is rejected")
	}
}

func TestOneIncorrectSampleBarelyChangesTheWorkload(t *testing.T) {
	for before, most := range map[int]float64{0: 6, 10: 2, 240: 1.1} {
		var w workload
		request := resources{1, 1 << 30}
		for range before {
			w.learn(request, request, zero)
		}
		w.learn(resources{4096, 65536e9}, request, zero)
		if got := w.estimateUsage(request).total(1); got.cores > most || got.bytes > most*(1<<30) {
			t.Errorf("after %d valid samples: got %v times the request, want at most %v", before, got.cores, most)
		}
	}
	// Real growth is learned quickly.
	var w workload
	for range 20 {
		w.learn(resources{1, 20 << 30}, resources{0.1, 512 << 20}, zero)
	}
	if got := w.estimateUsage(resources{0.1, 512 << 20}).total(1).bytes; got < 15<<30 {
		t.Errorf("after 20 samples of 20 GiB: got %v GiB", got/(1<<30))
	}
}

func TestLearnsWorkloadsAgainAfterARestart(t *testing.T) {
	const nodes = 4
	original := newWorld(t, "", nodes)
	var pods []*corev1.Pod
	for n := range nodes {
		pods = append(pods, original.runPod(fmt.Sprint("db-", n), "db", fmt.Sprint(n), "512Mi"))
	}
	samples := func(w *world) {
		for n := range nodes {
			// The nodes are 10 to 70 % full, and each pod uses 4 GiB of 16.
			w.sample(fmt.Sprint(n), 0.1+0.2*float64(n), load.PodUsage{Pod: types.UID(fmt.Sprint("db-", n)), Cores: 0.1, Bytes: 4 << 30})
		}
	}
	for range 100 {
		original.nextWindow()
		samples(original)
	}
	_, want := original.attempt(requesting("db-9", "db", "512Mi"))
	if want["0"] || !want["3"] {
		t.Fatalf("before the restart: %v", want)
	}
	steps := map[string]func(w *world){
		"nodes": func(w *world) {
			for n := range nodes {
				w.addNode(node(fmt.Sprint(n), 8))
			}
		},
		"pods": func(w *world) {
			for _, pod := range pods {
				w.plugin.PodHandler().OnAdd(pod, true)
			}
		},
		"samples": samples,
	}
	for _, order := range [][]string{
		{"nodes", "pods", "samples"}, {"nodes", "samples", "pods"}, {"pods", "nodes", "samples"},
		{"pods", "samples", "nodes"}, {"samples", "nodes", "pods"}, {"samples", "pods", "nodes"},
	} {
		w := newWorld(t, "", 0)
		w.clock.SetTime(original.clock.Now())
		for _, step := range order {
			steps[step](w)
		}
		_, got := w.attempt(requesting("db-9", "db", "512Mi"))
		for n := range nodes {
			if node := fmt.Sprint(n); got[node] != want[node] {
				t.Errorf("%v: node %s rejected %v, want %v", order, node, got[node], want[node])
			}
		}
	}
}
