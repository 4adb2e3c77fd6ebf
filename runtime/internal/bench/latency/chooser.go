package latency

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/backend/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	frameworkplugins "k8s.io/kubernetes/pkg/scheduler/framework/plugins"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"
	"k8s.io/kubernetes/pkg/scheduler/metrics"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/apis/config/validation"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins/loadaware"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

// Policy is a way to choose nodes.
type Policy string

// The policies.
const (
	// RoundRobin is a static rotation: each pod goes to the next node in turn, and waits for it where it has no room.
	RoundRobin Policy = "round robin"
	// Rotation passes over nodes that have no room.
	Rotation Policy = "round robin with room"
	Random   Policy = "random"
	// Stock is upstream's scores by requests: least allocated, balanced.
	Stock Policy = "stock"
	// Packing aims at a processor usage of 40 %, as Trimaran's TargetLoadPacking does.
	Packing Policy = "target load packing"
	// Edge is LoadAware with the chart's weights.
	Edge Policy = "edge"
	// The same without a part.
	NoReserve Policy = "edge without reserve"
	NoSpeed   Policy = "edge without speeds"
	// NoWorkloads is not told what each pod uses.
	NoWorkloads Policy = "edge without workloads"
	// NoOld counts no sample that is older than a minute.
	NoOld Policy = "edge without old samples"
	// Oracle knows what is running on each machine at that moment, how fast it is, and what each service will have to do: a
	// mark to measure the others by, which nobody can reach who has to go by samples.
	Oracle Policy = "oracle"
)

// Policies in the order in which they are measured.
var Policies = []Policy{RoundRobin, Rotation, Random, Stock, Packing, Edge, NoReserve, NoSpeed, NoWorkloads, NoOld, Oracle}

const profile = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: simulated
    plugins:
      multiPoint:
        disabled: [{name: "*"}]
        enabled: [{name: PrioritySort}, {name: NodeResourcesFit, weight: 1}, {name: NodeResourcesBalancedAllocation, weight: 1}, {name: DefaultBinder}%s]
%s`

const edgeProfile = `      score: {disabled: [{name: NodeResourcesFit}]}
    pluginConfig: [{name: LoadAware, args: {apiVersion: config.skerry.dev/v1, kind: LoadAwareArgs%s}}]
`

// epoch is the simulation's second 0.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func moment(seconds float64) time.Time {
	return epoch.Add(time.Duration(seconds * float64(time.Second)))
}

// chooser places pods on nodes by a policy, and remembers where they are.
type chooser struct {
	policy Policy
	random *rand.Rand
	clock  *clocktesting.FakePassiveClock
	store  *load.Store
	infos  []*framework.NodeInfo
	nodes  []fwk.NodeInfo

	framework framework.Framework
	plugin    *loadaware.Plugin
	packing   packing
	turn      int
	// turns of pods that wait for the node whose turn it was.
	turns map[types.UID]int
}

// world is what policies look at beside the scheduler's own caches.
type world interface {
	// sampled is the share of a node's processor that was in use, by the sample that is known.
	sampled(node int) float64
	// promise is how well a node would really serve the pod; more is better.
	promise(pod *corev1.Pod, node int) float64
}

func newChooser(ctx context.Context, policy Policy, nodes []*corev1.Node, random *rand.Rand) (*chooser, error) {
	c := &chooser{policy: policy, random: random, clock: clocktesting.NewFakePassiveClock(epoch), store: &load.Store{}, turns: map[types.UID]int{}}
	for _, node := range nodes {
		info := framework.NewNodeInfo()
		info.SetNode(node)
		c.infos, c.nodes = append(c.infos, info), append(c.nodes, info)
	}
	extra, rest := "", ""
	switch policy {
	case Edge, NoReserve, NoSpeed, NoWorkloads:
		rest = fmt.Sprintf(edgeProfile, "")
	case NoOld:
		rest = fmt.Sprintf(edgeProfile, ", metrics: {maxAge: 1m}")
	}
	if rest != "" {
		extra = ", {name: LoadAware, weight: 3}"
	}
	config, err := simulation.Decode(fmt.Appendf(nil, profile, extra, rest))
	if err != nil {
		return nil, err
	}
	registry := frameworkplugins.NewInTreeRegistry()
	err = registry.Register(loadaware.Name, func(_ context.Context, object runtime.Object, _ fwk.Handle) (fwk.Plugin, error) {
		args, err := validation.DecodeLoadAware(object)
		if err != nil {
			return nil, err
		}
		c.plugin = loadaware.New(args, c.clock, c.store, nil, nil, nil)
		return c.plugin, nil
	})
	if err != nil {
		return nil, err
	}
	metrics.Register()
	client := fake.NewSimpleClientset()
	c.framework, err = frameworkruntime.NewFramework(ctx, registry, &config.Profiles[0],
		frameworkruntime.WithClientSet(client), frameworkruntime.WithInformerFactory(informers.NewSharedInformerFactory(client, 0)),
		frameworkruntime.WithSnapshotSharedLister(cache.NewSnapshot(nil, nodes)), frameworkruntime.WithParallelism(1))
	if err != nil {
		return nil, err
	}
	if c.plugin != nil {
		for _, node := range nodes {
			c.plugin.NodeHandler().OnAdd(node, true)
		}
	}
	return c, nil
}

// place a pod; false when it fits nowhere.
func (c *chooser) place(ctx context.Context, pod *corev1.Pod, now float64, w world) (int, bool) {
	c.clock.SetTime(moment(now))
	state := framework.NewCycleState()
	if _, status, _ := c.framework.RunPreFilterPlugins(ctx, state, pod); !status.IsSuccess() {
		return 0, false
	}
	var fitting []int
	var feasible []fwk.NodeInfo
	for i, info := range c.nodes {
		if c.framework.RunFilterPlugins(ctx, state, pod, info).IsSuccess() {
			fitting, feasible = append(fitting, i), append(feasible, info)
		}
	}
	chosen := c.nextTurn(pod.UID, fitting)
	if len(fitting) == 0 || c.policy == RoundRobin && !slices.Contains(fitting, chosen) {
		return 0, false
	}
	switch c.policy {
	case RoundRobin, Rotation:
	case Random:
		chosen = fitting[c.random.IntN(len(fitting))]
	case Packing:
		chosen = c.best(fitting, func(i int) float64 {
			return c.packing.score(fitting[i], c.infos[fitting[i]], pod, now, w.sampled(fitting[i]))
		})
	case Oracle:
		chosen = c.best(fitting, func(i int) float64 { return w.promise(pod, fitting[i]) })
	default:
		if len(fitting) == 1 {
			chosen = fitting[0]
			break
		}
		if status := c.framework.RunPreScorePlugins(ctx, state, pod, feasible); !status.IsSuccess() {
			panic(status.AsError())
		}
		scores, status := c.framework.RunScorePlugins(ctx, state, pod, feasible)
		if !status.IsSuccess() {
			panic(status.AsError())
		}
		chosen = c.best(fitting, func(i int) float64 { return float64(scores[i].TotalScore) })
	}
	pod.Spec.NodeName = c.nodes[chosen].Node().Name
	if c.policy != NoReserve {
		c.framework.RunReservePluginsReserve(ctx, state, pod, pod.Spec.NodeName)
	}
	podInfo, err := framework.NewPodInfo(pod)
	if err != nil {
		panic(err)
	}
	c.infos[chosen].AddPodInfo(podInfo)
	c.packing.note(chosen, pod, now)
	return chosen, true
}

// best by a score; one of the best by chance.
func (c *chooser) best(fitting []int, score func(int) float64) int {
	best, most, ties := fitting[0], score(0), 1
	for i := 1; i < len(fitting); i++ {
		switch s := score(i); {
		case s > most:
			best, most, ties = fitting[i], s, 1
		case s == most:
			if ties++; c.random.IntN(ties) == 0 {
				best = fitting[i]
			}
		}
	}
	return best
}

// nextTurn is whose turn it is: of all nodes where the rotation is static, and the same at each attempt; else of those
// with room.
func (c *chooser) nextTurn(pod types.UID, fitting []int) int {
	switch c.policy {
	case RoundRobin:
		if _, known := c.turns[pod]; !known {
			c.turn = (c.turn + 1) % len(c.nodes)
			c.turns[pod] = c.turn
		}
		return c.turns[pod]
	case Rotation:
		if len(fitting) == 0 {
			return 0
		}
		for c.turn = (c.turn + 1) % len(c.nodes); !slices.Contains(fitting, c.turn); {
			c.turn = (c.turn + 1) % len(c.nodes)
		}
		return c.turn
	}
	return 0
}

// end of a pod.
func (c *chooser) end(node int, pod *corev1.Pod, now float64) {
	c.clock.SetTime(moment(now))
	if err := c.infos[node].RemovePod(klog.Background(), pod); err != nil {
		panic(err)
	}
	if c.plugin != nil && c.policy != NoReserve {
		c.plugin.PodHandler().OnDelete(pod)
	}
}
