// Package loadaware is a scheduler plugin that goes by how busy nodes are, and by how far that is known.
package loadaware

import (
	"context"
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	spread    float64
	belief    load.Belief
	clock     clock.PassiveClock
	ledger    *ledger
	waiting   waiting
	handle    fwk.Handle
	metrics   *observe.Metrics
	book      *explain.Book
	attempts  cycle.Memory[*attempt]
}

var (
	_ fwk.PreFilterPlugin = &Plugin{}
	_ fwk.FilterPlugin    = &Plugin{}
	_ fwk.PreScorePlugin  = &Plugin{}
	_ fwk.ScorePlugin     = &Plugin{}
	_ fwk.ScoreExtensions = &Plugin{}
	_ fwk.ReservePlugin   = &Plugin{}
	_ fwk.PostBindPlugin  = &Plugin{}
)

// New makes the plugin of arguments that were decoded. It learns of pods by Reserve and Observe. The handle is for
// events and explanations alone and may be nil.
func New(args *configv1.LoadAwareArgs, clock clock.PassiveClock, profiles load.Source, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	belief := load.BeliefOf(args.Data)
	weights, threshold := args.Weights, args.Threshold
	p := &Plugin{
		weights:   [load.Dimensions]float64{load.CPU: *weights.CPU, load.Memory: *weights.Memory, load.Network: *weights.Network},
		threshold: [load.Dimensions]float64{load.CPU: limit(threshold.CPU), load.Memory: limit(threshold.Memory), load.Network: limit(threshold.Network)},
		closed:    args.WhenMissing == configv1.Closed,
		spread:    *args.SpreadPoints,
		belief:    belief, clock: clock, handle: handle, metrics: metrics, book: book,
		attempts: cycle.Memory[*attempt]{Key: "skerry.dev/" + Name},
	}
	p.ledger = &ledger{horizon: belief.Horizon(), moved: p.moved, levels: levels{threshold: p.threshold}}
	profiles.Follow(p.ledger.sampled)
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
	// expected is what it will use, in work and bytes; habit, what pods use of what they request.
	expected, habit usage
	// speed of an average core.
	speed float64
	now   time.Time
	// doubtful nodes may be over the threshold with the pod; all may where nodes without data are closed.
	doubtful map[string]bool
	// trust in the data of the nodes that are scored.
	trust float64
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
	a = &attempt{claim: p.claim(pod, now), habit: p.ledger.factors(), speed: p.ledger.speeds.mean(), now: now}
	a.expected = a.expect().all(a.habit)
	// A daemon belongs on its node however busy that is: the threshold keeps room for such as it.
	if owner := metav1.GetControllerOfNoCopy(pod); owner != nil && owner.Kind == "DaemonSet" {
		return a, true
	}
	a.doubtful = p.ledger.levels.above(a.expected, a.habit)
	return a, len(a.doubtful) == 0 && !p.closed
}

// PreFilterExtensions has none: usage is measured, and taking a pod away does not change that.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return nil }

// halfTrusted is the trust below which a measured usage refuses nobody: requests say more by then.
const halfTrusted = 0.5

// Filter keeps pods off nodes that would be over the threshold with them and, if so configured, off nodes without data.
func (p *Plugin) Filter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	a := p.attempts.Read(state, pod)
	if a == nil {
		return nil
	}
	if reason, _ := p.refusal(info, a); reason == "" {
		return nil
	}
	// From here on it hears of samples; one may have come in between.
	p.waiting.put(pod, a.expected)
	reason, text := p.refusal(info, a)
	if reason == "" {
		return nil
	}
	p.metrics.Refused(Name, reason)
	return fwk.NewStatus(fwk.Unschedulable, text)
}

// refusal of a node: its kind, which is empty where there is none, and what is said of it.
func (p *Plugin) refusal(info fwk.NodeInfo, a *attempt) (reason, text string) {
	if !p.closed && !a.doubtful[info.Node().Name] {
		return "", ""
	}
	e := p.estimate(info, a)
	if p.closed && e.trust == 0 {
		return "no data", "node has no usage data that can be trusted, and whenMissing is Closed"
	}
	if e.trust < halfTrusted {
		return "", ""
	}
	for _, d := range scored {
		if e.measured[d].known && e.measured[d].value > p.threshold[d] {
			return d.String(), fmt.Sprintf("node's %s would be over %.0f %%", d, 100*p.threshold[d])
		}
	}
	return "", ""
}

// enough nodes to tell how old the data is.
const enough = 32

// PreScore finds out how far the nodes' data is trusted: the mean of some of them.
func (p *Plugin) PreScore(_ context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) *fwk.Status {
	a := p.attempts.Read(state, pod)
	if a == nil {
		return fwk.NewStatus(fwk.Skip)
	}
	some := nodes[:min(len(nodes), enough)]
	sum := 0.0
	for _, info := range some {
		trust, _ := p.belief.Trust(p.balance(info.Node().Name).sampled, a.now)
		sum += trust
	}
	a.trust = sum / float64(max(1, len(some)))
	return nil
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

// ScoreExtensions is the plugin itself.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return p }

// NormalizeScore spreads the choice over the best few, the more of them the older the data is: the apparent best is
// then the same for every pod, and seldom the real one.
func (p *Plugin) NormalizeScore(_ context.Context, state fwk.CycleState, pod *corev1.Pod, scores fwk.NodeScoreList) *fwk.Status {
	if a := p.attempts.Read(state, pod); a != nil {
		spread(pod.UID, scores, int64(math.Ceil(p.spread*(1-a.trust))))
	}
	return nil
}

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
	if e.state == load.Missing {
		return text + "by requests: no usage data"
	}
	if e.trust == 0 {
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
