package latency

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
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
	RoundRobin Policy = "round robin"
	Random     Policy = "random"
	// Stock is upstream's scores by requests: least allocated, balanced.
	Stock Policy = "stock"
	// Packing aims at a processor usage of 40 %, as Trimaran's TargetLoadPacking does.
	Packing Policy = "target load packing"
	// Edge is LoadAware with the chart's weights.
	Edge Policy = "edge"
	// The same without a part.
	NoReserve Policy = "edge without reserve"
	NoDecay   Policy = "edge without decay"
	NoSpread  Policy = "edge without spreading"
)

// Policies in the order in which they are measured.
var Policies = []Policy{RoundRobin, Random, Stock, Packing, Edge, NoReserve, NoDecay, NoSpread}

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
	turn      int
	recent    []recent
}

// recent is a pod that was placed lately, for target load packing.
type recent struct {
	node  int
	at    float64
	cores float64
}

func newChooser(ctx context.Context, policy Policy, nodes []*corev1.Node, random *rand.Rand) (*chooser, error) {
	c := &chooser{policy: policy, random: random, clock: clocktesting.NewFakePassiveClock(epoch), store: &load.Store{}}
	for _, node := range nodes {
		info := framework.NewNodeInfo()
		info.SetNode(node)
		c.infos, c.nodes = append(c.infos, info), append(c.nodes, info)
	}
	extra, rest := "", ""
	switch policy {
	case Edge, NoReserve:
		rest = fmt.Sprintf(edgeProfile, "")
	case NoDecay:
		rest = fmt.Sprintf(edgeProfile, ", data: {freshFor: 24h}")
	case NoSpread:
		rest = fmt.Sprintf(edgeProfile, ", spreadPoints: 0")
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
		c.plugin = loadaware.New(args, c.clock, c.store, nil)
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
func (c *chooser) place(ctx context.Context, pod *corev1.Pod, now float64, usage func(int) (float64, bool)) (int, bool) {
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
	if len(fitting) == 0 {
		return 0, false
	}
	chosen := 0
	switch c.policy {
	case RoundRobin:
		chosen = c.inTurn(fitting)
	case Random:
		chosen = fitting[c.random.IntN(len(fitting))]
	case Packing:
		chosen = c.best(fitting, func(i int) float64 { return c.packing(fitting[i], pod, now, usage) })
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

func (c *chooser) inTurn(fitting []int) int {
	for {
		c.turn = (c.turn + 1) % len(c.nodes)
		for _, i := range fitting {
			if i == c.turn {
				return i
			}
		}
	}
}

// Trimaran's defaults: target usage in per cent, multiplier on the requests of pods that no sample shows, and for how
// long they are not shown, in seconds.
const (
	packingTarget     = 40
	packingMultiplier = 1.5
	packingUnseen     = 60
)

// packing is Trimaran's score (sigs.k8s.io/scheduler-plugins, KEP 61): rising to 100 at the target, falling behind it.
func (c *chooser) packing(node int, pod *corev1.Pod, now float64, usage func(int) (float64, bool)) float64 {
	used, known := usage(node)
	if !known {
		return 0
	}
	cores := float64(c.nodes[node].GetAllocatable().GetMilliCPU()) / 1e3
	used += packingMultiplier * pod.Spec.Containers[0].Resources.Requests.Cpu().AsApproximateFloat64() / cores
	for _, r := range c.recent {
		if r.node == node && now-r.at < packingUnseen {
			used += packingMultiplier * r.cores / cores
		}
	}
	percent := 100 * used
	switch {
	case percent <= packingTarget:
		return (100-packingTarget)*percent/packingTarget + packingTarget
	case percent <= 100:
		return packingTarget * (100 - percent) / (100 - packingTarget)
	}
	return 0
}

// note a placement for those who count by themselves.
func (c *chooser) note(node int, pod *corev1.Pod, now float64) {
	if c.policy != Packing {
		return
	}
	kept := c.recent[:0]
	for _, r := range c.recent {
		if now-r.at < packingUnseen {
			kept = append(kept, r)
		}
	}
	c.recent = append(kept, recent{node, now, pod.Spec.Containers[0].Resources.Requests.Cpu().AsApproximateFloat64()})
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
