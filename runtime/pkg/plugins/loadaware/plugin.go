// Package loadaware is a scheduler plugin that goes by how busy nodes are, if that is known.
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

// Name of the plugin in a scheduler's configuration.
const Name = "LoadAware"

// Plugin decides by usage. Its clock and data come from outside.
type Plugin struct {
	weights   [load.Dimensions]float64
	threshold [load.Dimensions]float64
	closed    bool
	clock     clock.PassiveClock
	ledger    *ledger
	waiting   waiting
	handle    fwk.Handle
	pods      corelisters.PodLister
	metrics   *observe.Metrics
	book      *explain.Book
	attempts  cycle.Memory[*attempt]
}

var (
	_ fwk.PreFilterPlugin     = &Plugin{}
	_ fwk.PreFilterExtensions = &Plugin{}
	_ fwk.FilterPlugin        = &Plugin{}
	_ fwk.ScorePlugin         = &Plugin{}
	_ fwk.ReservePlugin       = &Plugin{}
	_ fwk.PostBindPlugin      = &Plugin{}
)

// New makes the plugin of arguments that were decoded. It learns of pods by Reserve and PodHandler, and of nodes by
// NodeHandler. The handle is for events and explanations alone and may be nil.
func New(args *configv1.LoadAwareArgs, clock clock.PassiveClock, profiles load.Source, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	weights, threshold := args.Weights, args.Threshold
	p := &Plugin{
		weights:   [load.Dimensions]float64{load.CPU: *weights.CPU, load.Memory: *weights.Memory, load.Network: *weights.Network},
		threshold: [load.Dimensions]float64{load.CPU: limit(threshold.CPU), load.Memory: limit(threshold.Memory), load.Network: limit(threshold.Network)},
		closed:    args.WhenMissing == configv1.Closed,
		clock:     clock, handle: handle, metrics: metrics, book: book,
		attempts: cycle.Memory[*attempt]{Key: "skerry.dev/" + Name},
	}
	if handle != nil {
		p.pods = handle.SharedInformerFactory().Core().V1().Pods().Lister()
	}
	p.ledger = &ledger{source: profiles, fresh: load.FreshnessOf(args.Data), moved: p.moved, levels: levels{threshold: p.threshold}}
	profiles.Follow(func(node string, profile *load.Profile) { p.ledger.sampled(node, profile, p.clock.Now()) })
	return p
}

// limit of a threshold in per cent, as a share; none for 100.
func limit(percent *float64) float64 {
	if *percent >= 100 {
		return math.Inf(1)
	}
	return *percent / 100
}

// Name of the plugin.
func (p *Plugin) Name() string { return Name }

// attempt to place one pod, at one moment.
type attempt struct {
	claim
	expects expectation
	// speed of a core of a node that states none; perCore, what is expected of a requested core where nodes are compared.
	speed, perCore float64
	now            time.Time
	// doubtful nodes may be over the threshold with the pod; all may where nodes without data are closed.
	doubtful map[string]bool
	// changed is what other pods would use that are assumed to come, or to be gone.
	changed expectation
	// waits is done when the pod is first refused a node.
	waits *sync.Once
}

// Clone copies it.
func (a *attempt) Clone() fwk.StateData { copied := *a; return &copied }

func (p *Plugin) claim(pod *corev1.Pod, now time.Time) claim {
	cores, bytes := demand.Requests(pod)
	return claim{usage{cores, bytes}, p.ledger.workloads.of(pod, now)}
}

// PreFilter looks at the pod and the clock once for all nodes. Where every node is well below the threshold, none needs
// to be asked.
func (p *Plugin) PreFilter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	a, open := p.attempt(pod)
	p.attempts.Write(state, pod, a)
	if open {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	return nil, nil
}

// attempt to place a pod now; open when every node may have it.
func (p *Plugin) attempt(pod *corev1.Pod) (a *attempt, open bool) {
	now := p.clock.Now()
	a = &attempt{claim: p.claim(pod, now), speed: p.ledger.speeds.mean(), now: now, waits: &sync.Once{}}
	a.perCore = p.ledger.habit.perCore(a.speed)
	a.expects = a.expect()
	if exempt(pod) {
		return a, true
	}
	a.doubtful = p.ledger.levels.above(a.expects)
	return a, len(a.doubtful) == 0 && !p.closed
}

// Filter keeps pods off nodes that would be over the threshold with them and, if so configured, off nodes without data.
func (p *Plugin) Filter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	a := p.attempts.Read(state, pod)
	if a == nil || p.refusal(info, a) == nil {
		return nil
	}
	// From here on it hears of samples; one may have come in between.
	a.waits.Do(func() { p.wait(pod, a.expects) })
	refused := p.refusal(info, a)
	if refused == nil {
		return nil
	}
	// What preemption tries out is no refusal yet.
	if a.changed == (expectation{}) {
		p.metrics.Refused(Name, refused.reason)
	}
	return fwk.NewStatus(refused.code, refused.text)
}

// Score is how idle the node would be with the pod, 0 to 100.
func (p *Plugin) Score(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	a := p.attempts.Read(state, pod)
	if a == nil {
		return 0, fwk.NewStatus(fwk.Error, Name+": scored a pod that was not filtered")
	}
	e := p.estimate(info, a)
	return int64(math.Round(p.points(&e))), nil
}

// ScoreExtensions has none: a score says the same of a node whichever others there are.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }

// Reserve counts the pod at once, and notes what spoke for the node.
func (p *Plugin) Reserve(_ context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	a := p.attempts.Read(state, pod)
	if a == nil {
		return nil
	}
	if p.handle != nil {
		if info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node); err == nil {
			e := p.estimate(info, a)
			p.metrics.Decided(Name, string(e.state))
			if e.state != load.Missing {
				p.metrics.UsageAge(Name, e.age)
			}
			p.book.Note(pod, Name, describe(&e, a))
		}
	}
	p.ledger.begin(node, pod.UID, a.claim, a.now, a.now)
	p.waiting.remove(pod.UID)
	return nil
}

func describe(e *estimate, a *attempt) string {
	text := ""
	if mean, known := a.workload.uses(); known {
		text = fmt.Sprintf("pods of its workload use %.3g cores of mean speed, ", mean.cores/a.speed)
	}
	for _, d := range scored {
		if e.busy[d].known {
			text += fmt.Sprintf("%s %.0f %%, ", d, 100*e.busy[d].value)
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

// Unreserve takes the pod back.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node string) {
	p.ledger.drop(node, pod.UID)
	p.book.Drop(pod)
}

// PostBind starts the pod's time on the node again, now that it is bound.
func (p *Plugin) PostBind(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, node string) {
	p.ledger.restart(node, pod.UID, p.clock.Now())
}
