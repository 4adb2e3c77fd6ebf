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

// Policy is a placement policy.
type Policy string

const (
	// RoundRobin is a static rotation: each pod is assigned the next node, and waits for it if it is full.
	RoundRobin Policy = "round robin"
	// Rotation is a rotation that skips full nodes.
	Rotation Policy = "round robin with room"
	// Random chooses a random node that is not full.
	Random Policy = "random"
	// Stock uses upstream's scores by requests: least allocated and balanced allocation.
	Stock Policy = "stock"
	// Packing targets a CPU utilization of 40 %, as Trimaran's TargetLoadPacking does.
	Packing Policy = "target load packing"
	// Edge uses LoadAware with the chart's weights.
	Edge Policy = "edge"
	// NoReserve is Edge without counting pods before a sample contains them.
	NoReserve Policy = "edge without reserve"
	// NoSpeed is Edge without core speeds.
	NoSpeed Policy = "edge without speeds"
	// NoWorkloads is Edge without the usage of pods.
	NoWorkloads Policy = "edge without workloads"
	// NoOld is Edge with a maximum sample age of one minute.
	NoOld Policy = "edge without old samples"
	// Oracle knows the current work and the speed of each machine, and the future traffic of each service. It is a bound that
	// no policy based on samples can reach.
	Oracle Policy = "oracle"
)

// Policies are all policies, in the order of the benchmark.
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

// epoch is the start of the simulation.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func timeAt(seconds float64) time.Time {
	return epoch.Add(time.Duration(seconds * float64(time.Second)))
}

// chooser places pods on nodes by a policy, and tracks them.
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
	lastTurn  int
	// turns are the nodes that RoundRobin assigned to pods.
	turns map[types.UID]int
}

// world provides data that the scheduler's caches lack.
type world interface {
	// sampled returns the CPU utilization of a node in its latest sample.
	sampled(node int) float64
	// actualQuality returns how well a node would actually serve a pod; higher is better.
	actualQuality(pod *corev1.Pod, node int) float64
}

func newChooser(ctx context.Context, policy Policy, nodes []*corev1.Node, random *rand.Rand) (*chooser, error) {
	c := &chooser{policy: policy, random: random, clock: clocktesting.NewFakePassiveClock(epoch), store: &load.Store{}, turns: map[types.UID]int{}}
	for _, node := range nodes {
		info := framework.NewNodeInfo()
		info.SetNode(node)
		c.infos, c.nodes = append(c.infos, info), append(c.nodes, info)
	}
	extraPlugin, settings := "", ""
	switch policy {
	case Edge, NoReserve, NoSpeed, NoWorkloads:
		settings = fmt.Sprintf(edgeProfile, "")
	case NoOld:
		settings = fmt.Sprintf(edgeProfile, ", metrics: {maxAge: 1m}")
	}
	if settings != "" {
		extraPlugin = ", {name: LoadAware, weight: 3}"
	}
	config, err := simulation.Decode(fmt.Appendf(nil, profile, extraPlugin, settings))
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

// place places a pod. It returns false if the pod fits on no node.
func (c *chooser) place(ctx context.Context, pod *corev1.Pod, now float64, w world) (int, bool) {
	c.clock.SetTime(timeAt(now))
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
		chosen = c.best(fitting, func(i int) float64 { return w.actualQuality(pod, fitting[i]) })
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
	c.packing.add(chosen, pod, now)
	return chosen, true
}

// best returns the node with the highest score, and breaks ties randomly.
func (c *chooser) best(fitting []int, score func(int) float64) int {
	best, highest, ties := fitting[0], score(0), 1
	for i := 1; i < len(fitting); i++ {
		switch s := score(i); {
		case s > highest:
			best, highest, ties = fitting[i], s, 1
		case s == highest:
			if ties++; c.random.IntN(ties) == 0 {
				best = fitting[i]
			}
		}
	}
	return best
}

// nextTurn returns the next node of a rotation. RoundRobin rotates through all nodes and returns the same node for each attempt
// of a pod; Rotation rotates through the fitting nodes.
func (c *chooser) nextTurn(pod types.UID, fitting []int) int {
	switch c.policy {
	case RoundRobin:
		if _, assigned := c.turns[pod]; !assigned {
			c.lastTurn = (c.lastTurn + 1) % len(c.nodes)
			c.turns[pod] = c.lastTurn
		}
		return c.turns[pod]
	case Rotation:
		if len(fitting) == 0 {
			return 0
		}
		for c.lastTurn = (c.lastTurn + 1) % len(c.nodes); !slices.Contains(fitting, c.lastTurn); {
			c.lastTurn = (c.lastTurn + 1) % len(c.nodes)
		}
		return c.lastTurn
	}
	return 0
}

// remove removes a pod that has ended.
func (c *chooser) remove(node int, pod *corev1.Pod, now float64) {
	c.clock.SetTime(timeAt(now))
	if err := c.infos[node].RemovePod(klog.Background(), pod); err != nil {
		panic(err)
	}
	if c.plugin != nil && c.policy != NoReserve {
		c.plugin.PodHandler().OnDelete(pod)
	}
}
