// Package resourceprofile is a scheduler plugin that sends each workload to nodes of the shape it prefers.
package resourceprofile

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/utils/clock"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/cycle"
	"github.com/skerry-dev/skerry/runtime/pkg/demand"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
	"github.com/skerry-dev/skerry/runtime/pkg/readmostly"
)

// Name of the plugin in a scheduler's configuration.
const Name = "ResourceProfile"

// Plugin scores by shape and headroom. Its clock and data come from outside.
type Plugin struct {
	args     *configv1.ResourceProfileArgs
	fresh    load.Freshness
	scale    [load.Dimensions]float64
	clock    clock.PassiveClock
	profiles readmostly.Map[atomic.Pointer[load.Profile]]
	handle   fwk.Handle
	metrics  *observe.Metrics
	book     *explain.Book
	wishes   cycle.Memory[*wish]
}

var (
	_ fwk.PreScorePlugin    = &Plugin{}
	_ fwk.ScorePlugin       = &Plugin{}
	_ fwk.ReservePlugin     = &Plugin{}
	_ fwk.EnqueueExtensions = &Plugin{}
)

// New makes the plugin of arguments that were decoded. The handle is for events alone and may be nil.
func New(args *configv1.ResourceProfileArgs, clock clock.PassiveClock, profiles load.Source, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	p := &Plugin{
		args:  args,
		fresh: load.FreshnessOf(args.Data),
		scale: [load.Dimensions]float64{*args.Scale.CPU, *args.Scale.MemoryGB, *args.Scale.IOPS, *args.Scale.NetworkGbps},
		clock: clock, handle: handle, metrics: metrics, book: book, wishes: cycle.Memory[*wish]{Key: "skerry.dev/" + Name},
	}
	profiles.Follow(func(node string, profile *load.Profile) {
		if profile == nil {
			p.profiles.Delete(node)
			return
		}
		set := func(cell *atomic.Pointer[load.Profile]) { cell.Store(profile) }
		set(p.profiles.Make(node, set))
	})
	return p
}

// Name of the plugin.
func (p *Plugin) Name() string { return Name }

// wish is what one pod prefers and demands, at the moment of its scheduling.
type wish struct {
	text       string
	preference Preference
	demand     load.Vector
	now        time.Time
	// void is a wish whose preference cannot be read.
	void     bool
	problems []error
}

// Clone shares it: it does not change.
func (w *wish) Clone() fwk.StateData { return w }

// PreScore reads the pod's annotations. Without a preference, or with one that cannot be read, the plugin has no say;
// the latter is told to the pod.
func (p *Plugin) PreScore(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) *fwk.Status {
	if w := p.read(ctx, state, pod); w == nil || w.void {
		return fwk.NewStatus(fwk.Skip)
	}
	return nil
}

// read what a pod says, once in a cycle: where only one node is left, nothing is scored, and Reserve is first to ask.
func (p *Plugin) read(ctx context.Context, state fwk.CycleState, pod *corev1.Pod) *wish {
	text, stated := pod.Annotations[labels.AnnotationResourceProfile]
	if !stated {
		return nil
	}
	if w := p.wishes.Read(state, pod); w != nil {
		return w
	}
	w := &wish{text: text, now: p.clock.Now()}
	var unread, unmet error
	w.preference, unread = ParsePreference(text)
	w.demand, unmet = demand.Of(pod)
	w.void = unread != nil
	for _, problem := range []error{unread, unmet} {
		if problem != nil {
			klog.FromContext(ctx).Info("Annotation ignored", "pod", klog.KObj(pod), "problem", problem.Error())
			w.problems = append(w.problems, problem)
		}
	}
	p.wishes.Write(state, pod, w)
	return w
}

// Score is 100 × similarity × gate, rounded.
func (p *Plugin) Score(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	w := p.wishes.Read(state, pod)
	if w == nil {
		return 0, fwk.NewStatus(fwk.Error, Name+": scored a pod without a preference")
	}
	free, scaled, _ := p.free(info, w.now)
	return int64(math.Round(float64(fwk.MaxNodeScore) * similarity(w.preference, &scaled) * gate(&w.demand, &free, *p.args.Headroom))), nil
}

// free is what a node has left, in its units and on the scale: capability less what is promised to pods by their
// requests or, where that is more, less the usage that the trend leads to, if the sample is fresh. Requests count at
// once, before any sample shows them. Without a profile, cores and memory are what Kubernetes may give away.
func (p *Plugin) free(info fwk.NodeInfo, now time.Time) (free, scaled load.Vector, state load.State) {
	profile := &load.Profile{}
	if known := p.profiles.Get(info.Node().Name); known != nil {
		profile = known.Load()
	}
	state = p.fresh.State(profile.Time, now)
	allocatable, requested := info.GetAllocatable(), info.GetNonZeroRequested()
	reserved := [load.Dimensions]float64{
		load.CPU:    share(requested.GetMilliCPU(), allocatable.GetMilliCPU()),
		load.Memory: share(requested.GetMemory(), allocatable.GetMemory()),
	}
	for d := range load.Dimensions {
		all, known := profile.Capability.Get(d)
		switch {
		case known:
		case d == load.CPU:
			all = float64(allocatable.GetMilliCPU()) / 1e3
		case d == load.Memory:
			all = float64(allocatable.GetMemory()) / 1e9
		default:
			continue
		}
		busy := reserved[d]
		if state == load.Fresh {
			if used, sampled := profile.Usage.Get(d); sampled {
				slope, _ := profile.Trend.Get(d)
				busy = max(busy, used+slope*p.args.TrendHorizon.Hours())
			}
		}
		left := all * max(0, 1-busy)
		free.Set(d, left)
		scaled.Set(d, min(1, left/p.scale[d]))
	}
	return free, scaled, state
}

func share(part, whole int64) float64 {
	if whole <= 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// ScoreExtensions has none: a score says the same of a node whichever others there are.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }

// Reserve notes what spoke for the chosen node.
func (p *Plugin) Reserve(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	w := p.read(ctx, state, pod)
	if w == nil || p.handle == nil {
		return nil
	}
	for _, problem := range w.problems {
		p.book.Note(pod, Name, "ignored: "+problem.Error())
	}
	if w.void {
		return nil
	}
	info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node)
	if err != nil {
		return nil
	}
	free, scaled, data := p.free(info, w.now)
	p.metrics.Decided(Name, string(data))
	p.book.Note(pod, Name, fmt.Sprintf("%s: shape %.2f, headroom %.2f, data %s", w.text,
		similarity(w.preference, &scaled), gate(&w.demand, &free, *p.args.Headroom), data))
	return nil
}

// Unreserve takes the explanation back.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) {
	p.book.Drop(pod)
}

// EventsToRegister has none: this plugin refuses no node.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return nil, nil
}
