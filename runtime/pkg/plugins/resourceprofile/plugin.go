// Package resourceprofile implements a scheduler plugin that scores nodes by how well their free resources match the shape
// that a workload prefers.
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

// Name is the name of the plugin in a scheduler's configuration.
const Name = "ResourceProfile"

// Plugin scores nodes by shape and headroom.
type Plugin struct {
	args      *configv1.ResourceProfileArgs
	freshness load.Freshness
	scale     [load.Dimensions]float64
	clock     clock.PassiveClock
	profiles  readmostly.Map[atomic.Pointer[load.Profile]]
	handle    fwk.Handle
	metrics   *observe.Metrics
	book      *explain.Book
	podStates cycle.Cache[*podState]
}

var (
	_ fwk.PreScorePlugin    = &Plugin{}
	_ fwk.ScorePlugin       = &Plugin{}
	_ fwk.ReservePlugin     = &Plugin{}
	_ fwk.EnqueueExtensions = &Plugin{}
)

// New returns a plugin with validated arguments. The handle may be nil; then the plugin does not explain placements.
func New(args *configv1.ResourceProfileArgs, clock clock.PassiveClock, profiles load.Source, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	p := &Plugin{
		args:      args,
		freshness: load.NewFreshness(args.Metrics),
		scale:     [load.Dimensions]float64{*args.Scale.CPU, *args.Scale.MemoryGB, *args.Scale.IOPS, *args.Scale.NetworkGbps},
		clock:     clock, handle: handle, metrics: metrics, book: book, podStates: cycle.Cache[*podState]{Key: "skerry.dev/" + Name},
	}
	profiles.Subscribe(func(node string, profile *load.Profile) {
		if profile == nil {
			p.profiles.Delete(node)
			return
		}
		set := func(cell *atomic.Pointer[load.Profile]) { cell.Store(profile) }
		set(p.profiles.GetOrCreate(node, set))
	})
	return p
}

// Name implements fwk.Plugin.
func (p *Plugin) Name() string { return Name }

// podState is the preference and the demand of a pod in one scheduling cycle. It is immutable.
type podState struct {
	// annotation is the text of the preference.
	annotation string
	preference Preference
	demand     load.Vector
	now        time.Time
	// invalid reports whether the preference is invalid.
	invalid bool
	// problems are those of ignored annotations.
	problems []error
}

// Clone implements fwk.StateData.
func (s *podState) Clone() fwk.StateData { return s }

// PreScore parses the pod's annotations. It skips pods without a valid preference.
func (p *Plugin) PreScore(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) *fwk.Status {
	if s := p.podState(ctx, state, pod); s == nil || s.invalid {
		return fwk.NewStatus(fwk.Skip)
	}
	return nil
}

// podState returns the state of a pod, or nil if the pod has no preference. It parses the annotations once per cycle. With a
// single feasible node, the scheduler skips scoring, so the first call may come from Reserve.
func (p *Plugin) podState(ctx context.Context, state fwk.CycleState, pod *corev1.Pod) *podState {
	annotation, found := pod.Annotations[labels.AnnotationResourceProfile]
	if !found {
		return nil
	}
	if s := p.podStates.Read(state); s != nil {
		return s
	}
	s := &podState{annotation: annotation, now: p.clock.Now()}
	var preferenceErr, demandErr error
	s.preference, preferenceErr = ParsePreference(annotation)
	s.demand, demandErr = demand.FromPod(pod)
	s.invalid = preferenceErr != nil
	for _, problem := range []error{preferenceErr, demandErr} {
		if problem != nil {
			klog.FromContext(ctx).Info("Ignoring invalid annotation", "pod", klog.KObj(pod), "err", problem.Error())
			s.problems = append(s.problems, problem)
		}
	}
	p.podStates.Write(state, s)
	return s
}

// Score returns 100 × similarity × headroomFactor, rounded.
func (p *Plugin) Score(_ context.Context, state fwk.CycleState, _ *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	s := p.podStates.Read(state)
	if s == nil {
		return 0, fwk.NewStatus(fwk.Error, Name+": PreScore did not run for this pod")
	}
	free, scaled, _ := p.freeResources(info, s.now)
	return int64(math.Round(float64(fwk.MaxNodeScore) * similarity(s.preference, &scaled) * headroomFactor(&s.demand, &free, *p.args.Headroom))), nil
}

// freeResources returns the free resources of a node, in the units of its capability and normalized by the scale. They are
// the capability less the requests of its pods or, with a fresh sample, less the usage extrapolated by its trend if that is
// larger. Requests count immediately, before any sample contains the pod. If the capability is unknown, the allocatable CPU
// and memory of the node replace it.
func (p *Plugin) freeResources(info fwk.NodeInfo, now time.Time) (free, scaled load.Vector, state load.State) {
	profile := &load.Profile{}
	if current := p.profiles.Get(info.Node().Name); current != nil {
		profile = current.Load()
	}
	state = p.freshness.State(profile.Time, now)
	allocatable, requested := info.GetAllocatable(), info.GetNonZeroRequested()
	requestedFractions := [load.Dimensions]float64{
		load.CPU:    fraction(requested.GetMilliCPU(), allocatable.GetMilliCPU()),
		load.Memory: fraction(requested.GetMemory(), allocatable.GetMemory()),
	}
	for d := range load.Dimensions {
		total, known := profile.Capability.Get(d)
		switch {
		case known:
		case d == load.CPU:
			total = float64(allocatable.GetMilliCPU()) / 1e3
		case d == load.Memory:
			total = float64(allocatable.GetMemory()) / 1e9
		default:
			continue
		}
		used := requestedFractions[d]
		if state == load.Fresh {
			if sampled, known := profile.Usage.Get(d); known {
				slope, _ := profile.Trend.Get(d)
				used = max(used, sampled+slope*p.args.TrendHorizon.Hours())
			}
		}
		amount := total * max(0, 1-used)
		free.Set(d, amount)
		scaled.Set(d, min(1, amount/p.scale[d]))
	}
	return free, scaled, state
}

// fraction returns part/total, or 1 if total is 0.
func fraction(part, total int64) float64 {
	if total <= 0 {
		return 1
	}
	return float64(part) / float64(total)
}

// ScoreExtensions returns nil, because scores do not depend on other nodes and need no normalization.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }

// Reserve explains the placement.
func (p *Plugin) Reserve(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	s := p.podState(ctx, state, pod)
	if s == nil || p.handle == nil {
		return nil
	}
	for _, problem := range s.problems {
		p.book.AddNote(pod, Name, "ignored: "+problem.Error())
	}
	if s.invalid {
		return nil
	}
	info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node)
	if err != nil {
		return nil
	}
	free, scaled, data := p.freeResources(info, s.now)
	p.metrics.RecordPlacement(Name, string(data))
	p.book.AddNote(pod, Name, fmt.Sprintf("%s: shape %.2f, headroom %.2f, data %s", s.annotation,
		similarity(s.preference, &scaled), headroomFactor(&s.demand, &free, *p.args.Headroom), data))
	return nil
}

// Unreserve removes the explanation.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) {
	p.book.Drop(pod)
}

// EventsToRegister returns nil, because this plugin rejects no node.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return nil, nil
}
