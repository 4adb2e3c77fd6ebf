// Package edgeproximity is a scheduler plugin that keeps pods in the regions they require, and near the one they serve.
package edgeproximity

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/cycle"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
)

// Name is the name of the plugin in a scheduler's configuration.
const Name = "EdgeProximity"

// Plugin decides by regions. Its data comes from outside: it reads neither a clock nor the API.
type Plugin struct {
	links   links.Source
	index   *Index
	handle  fwk.Handle
	metrics *observe.Metrics
	book    *explain.Book
	wishes  cycle.Cache[*wish]
}

var (
	_ fwk.PreFilterPlugin   = &Plugin{}
	_ fwk.FilterPlugin      = &Plugin{}
	_ fwk.PreScorePlugin    = &Plugin{}
	_ fwk.ScorePlugin       = &Plugin{}
	_ fwk.ReservePlugin     = &Plugin{}
	_ fwk.EnqueueExtensions = &Plugin{}
)

// New makes the plugin. The index is of the same cluster as the handle.
func New(source links.Source, index *Index, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	p := &Plugin{links: source, index: index, handle: handle, metrics: metrics, book: book, wishes: cycle.Cache[*wish]{Key: "skerry.dev/" + Name}}
	book.AddRemarks(ignored)
	if handle != nil {
		source.Subscribe(p.linksChanged)
	}
	return p
}

// Name of the plugin.
func (p *Plugin) Name() string { return Name }

// nearby is how many nodes a pod that goes by distance has to choose among, if there are as many. The scheduler always
// looks at that many (upstream's minFeasibleNodesToFind).
const nearby = 100

// PreFilter narrows the choice to the nodes that the pod's regions and budget allow and, of those, to the first region
// where the pod fits. A score could not keep that order: in a large cluster, the scheduler looks at some nodes only.
func (p *Plugin) PreFilter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	w := read(pod)
	if !w.asks() || ctx.Value(inTrial{}) != nil {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	p.wishes.Write(state, w)
	tiers := p.tiers(w)
	if len(tiers) == 0 {
		p.metrics.RecordRejection(Name, "no region")
		return nil, fwk.NewStatus(fwk.UnschedulableAndUnresolvable, p.nobody(w))
	}
	enough := 1
	if w.required == "" {
		enough = nearby
	}
	chosen := p.choose(ctx, pod, tiers, enough)
	for _, region := range w.allowed()[:max(0, w.rank(chosen[0].region))] {
		if p.within(w, region) {
			w.passed = append(w.passed, region)
		}
	}
	if w.anywhere() && len(chosen) == len(tiers) {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	return &fwk.PreFilterResult{NodeNames: union(chosen)}, nil
}

// within tells whether a place lies within the pod's round-trip budget. One at an unknown distance does not.
func (p *Plugin) within(w *wish, place string) bool {
	if w.maxRTT == 0 {
		return true
	}
	link, known := p.links.Matrix().Link(w.served(), place)
	return known && link.RTTMs <= w.maxRTT
}

func (p *Plugin) nobody(w *wish) string {
	if !p.links.Matrix().HasRegion(w.served()) {
		return fmt.Sprintf("pod asks for region %s, which the fleet does not have", w.served())
	}
	limit := ""
	if w.maxRTT > 0 {
		limit = fmt.Sprintf(" within %v ms", w.maxRTT)
	}
	if w.required == "" {
		return fmt.Sprintf("pod serves region %s, and this cluster has no node%s of it", w.near, limit)
	}
	return fmt.Sprintf("pod requires region %s, where this cluster has no edge node%s", enumerate(w.allowed(), " or "), limit)
}

// PreFilterExtensions has none: other pods do not change a node's region.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return nil }

// Filter refuses nodes outside the pod's regions or its budget.
func (p *Plugin) Filter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	w := p.wishes.Read(state)
	if !w.asks() {
		return nil
	}
	region, at := edgeRegion(info.Node()), place(info.Node())
	switch {
	case w.required != "" && region == "":
		p.metrics.RecordRejection(Name, "other region")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, "node is in no edge region, pod requires "+w.required)
	case w.required != "" && w.rank(region) < 0:
		p.metrics.RecordRejection(Name, "other region")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node is in %s, pod requires %s", region, enumerate(w.allowed(), " or ")))
	case w.maxRTT > 0 && !p.within(w, at):
		p.metrics.RecordRejection(Name, "too far")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, p.tooFar(w, at))
	}
	return nil
}

func (p *Plugin) tooFar(w *wish, place string) string {
	if place == "" {
		return fmt.Sprintf("node states no region, pod must be within %v ms of %s", w.maxRTT, w.served())
	}
	if _, known := p.links.Matrix().Link(w.served(), place); !known {
		return fmt.Sprintf("node is in %s, whose round trip from %s is unknown, pod must be within %v ms", place, w.served(), w.maxRTT)
	}
	return fmt.Sprintf("node is in %s, more than %v ms from %s", place, w.maxRTT, w.served())
}
