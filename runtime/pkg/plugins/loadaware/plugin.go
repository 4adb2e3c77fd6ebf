// Package loadaware implements a scheduler plugin that prefers nodes with a low utilization, and rejects nodes whose
// utilization would exceed a threshold.
package loadaware

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/utils/clock"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/cycle"
	"github.com/skerry-dev/skerry/runtime/pkg/demand"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
)

// Name is the name of the plugin in a scheduler's configuration.
const Name = "LoadAware"

// Plugin scores and filters nodes by utilization.
type Plugin struct {
	weights [load.Dimensions]float64
	// thresholds are fractions, infinite for 100 %.
	thresholds [load.Dimensions]float64
	// denyMissing rejects nodes without a fresh sample.
	denyMissing bool
	clock       clock.PassiveClock
	tracker     *tracker
	waiting     waitingPods
	handle      fwk.Handle
	pods        corelisters.PodLister
	metrics     *observe.Metrics
	book        *explain.Book
	attempts    cycle.Cache[*attempt]
}

var (
	_ fwk.PreFilterPlugin     = &Plugin{}
	_ fwk.PreFilterExtensions = &Plugin{}
	_ fwk.FilterPlugin        = &Plugin{}
	_ fwk.ScorePlugin         = &Plugin{}
	_ fwk.ReservePlugin       = &Plugin{}
	_ fwk.PostBindPlugin      = &Plugin{}
	_ fwk.EnqueueExtensions   = &Plugin{}
)

// New returns a plugin with validated arguments. The caller must register PodHandler and NodeHandler with informers. The
// handle may be nil; then the plugin neither activates waiting pods nor explains placements.
func New(args *configv1.LoadAwareArgs, clock clock.PassiveClock, profiles load.Source, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	weights, thresholds := args.Weights, args.Thresholds
	p := &Plugin{
		weights:     [load.Dimensions]float64{load.CPU: *weights.CPU, load.Memory: *weights.Memory, load.Network: *weights.Network},
		thresholds:  [load.Dimensions]float64{load.CPU: asFraction(thresholds.CPU), load.Memory: asFraction(thresholds.Memory), load.Network: asFraction(thresholds.Network)},
		denyMissing: args.MissingMetricsPolicy == configv1.MissingMetricsDeny,
		clock:       clock, handle: handle, metrics: metrics, book: book,
		attempts: cycle.Cache[*attempt]{Key: "skerry.dev/" + Name},
	}
	if handle != nil {
		p.pods = handle.SharedInformerFactory().Core().V1().Pods().Lister()
	}
	p.tracker = &tracker{
		source: profiles, freshness: load.NewFreshness(args.Metrics),
		headrooms: headrooms{thresholds: p.thresholds}, onHeadroomChange: p.activateWaiting,
	}
	profiles.Subscribe(func(node string, profile *load.Profile) { p.tracker.setProfile(node, profile, p.clock.Now()) })
	return p
}

// asFraction converts a threshold in percent; 100 becomes infinite.
func asFraction(percent *float64) float64 {
	if *percent >= 100 {
		return math.Inf(1)
	}
	return *percent / 100
}

// Name implements fwk.Plugin.
func (p *Plugin) Name() string { return Name }

// attempt is the state of one scheduling cycle of a pod.
type attempt struct {
	podDemand
	podEstimate usageEstimate
	// meanSpeed is the mean core speed, and perRequestedCore the estimated usage of a requested core in normalized cores.
	meanSpeed, perRequestedCore float64
	now                         time.Time
	// mayExceed are the nodes whose thresholds the pod may exceed.
	mayExceed map[string]bool
	// podChanges is the usage of the pods that nomination and preemption add to or remove from a node.
	podChanges usageEstimate
	// waitOnce adds the pod to the waiting pods.
	waitOnce *sync.Once
}

// Clone implements fwk.StateData.
func (a *attempt) Clone() fwk.StateData { copied := *a; return &copied }

func (p *Plugin) demandOf(pod *corev1.Pod, now time.Time) podDemand {
	cores, bytes := demand.Requests(pod)
	return podDemand{resources{cores, bytes}, p.tracker.workloads.get(pod, now)}
}

// PreFilter estimates the usage of the pod, once for all nodes. It skips Filter if the pod exceeds no threshold.
func (p *Plugin) PreFilter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	a, skipFilter := p.newAttempt(pod)
	p.attempts.Write(state, a)
	if skipFilter {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	return nil, nil
}

// newAttempt returns the state of a new cycle, and whether the plugin accepts every node.
func (p *Plugin) newAttempt(pod *corev1.Pod) (a *attempt, acceptsAll bool) {
	now := p.clock.Now()
	a = &attempt{podDemand: p.demandOf(pod, now), meanSpeed: p.tracker.coreSpeeds.mean(), now: now, waitOnce: &sync.Once{}}
	a.perRequestedCore = p.tracker.usageRatio.perRequestedCore(a.meanSpeed)
	a.podEstimate = a.estimateUsage()
	if isExempt(pod) {
		return a, true
	}
	a.mayExceed = p.tracker.headrooms.exceededBy(a.podEstimate)
	return a, len(a.mayExceed) == 0 && !p.denyMissing
}

// Filter rejects nodes whose utilization would exceed a threshold and, with missingMetricsPolicy Deny, nodes without a fresh
// sample.
func (p *Plugin) Filter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	a := p.attempts.Read(state)
	if a == nil || p.reject(info, a) == nil {
		return nil
	}
	// A sample may arrive before the pod is among the waiting pods, so the node is checked again afterwards.
	a.waitOnce.Do(func() { p.addWaiting(pod, a.podEstimate) })
	rejected := p.reject(info, a)
	if rejected == nil {
		return nil
	}
	// Dry runs of preemption do not count.
	if a.podChanges == (usageEstimate{}) {
		p.metrics.RecordRejection(Name, rejected.reason)
	}
	return fwk.NewStatus(rejected.code, rejected.message)
}

// Score returns 0 to 100: the higher, the lower the utilization of the node with the pod.
func (p *Plugin) Score(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	a := p.attempts.Read(state)
	if a == nil {
		return 0, fwk.NewStatus(fwk.Error, Name+": PreFilter did not run for this pod")
	}
	e := p.estimateNode(info, a)
	return int64(math.Round(p.score(&e))), nil
}

// ScoreExtensions returns nil, because scores do not depend on other nodes and need no normalization.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }

// Reserve assigns the pod to the node, before any sample contains it, and explains the placement.
func (p *Plugin) Reserve(_ context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	a := p.attempts.Read(state)
	if a == nil {
		return nil
	}
	if p.handle != nil {
		if info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node); err == nil {
			e := p.estimateNode(info, a)
			p.metrics.RecordPlacement(Name, string(e.state))
			if e.state != load.Missing {
				p.metrics.RecordSampleAge(Name, e.age)
			}
			p.book.AddNote(pod, Name, describe(&e, a))
		}
	}
	p.tracker.assign(node, pod.UID, a.podDemand, a.now, a.now)
	p.waiting.remove(pod.UID)
	return nil
}

// describe returns the explanation of a placement, for the pod's event.
func describe(e *nodeEstimate, a *attempt) string {
	text := ""
	if mean, known := a.workload.meanUsage(); known {
		text = fmt.Sprintf("pods of its workload use %.3g cores of mean speed, ", mean.cores/a.meanSpeed)
	}
	for _, d := range scoredDimensions {
		if e.utilization[d].known {
			text += fmt.Sprintf("%s %.0f %%, ", d, 100*e.utilization[d].value)
		}
	}
	switch e.state {
	case load.Missing:
		return text + "by requests: no usage data"
	case load.Stale:
		text += "by requests: "
	}
	return fmt.Sprintf("%sdata %s, %s old", text, e.state, e.age.Round(time.Second))
}

// Unreserve removes the pod from the node.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node string) {
	p.tracker.unassign(node, pod.UID)
	p.book.Drop(pod)
}

// PostBind sets the pod's start to the time of its binding.
func (p *Plugin) PostBind(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node string) {
	p.tracker.setStart(node, pod.UID, p.clock.Now())
}
