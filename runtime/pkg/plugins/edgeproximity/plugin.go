// Package edgeproximity is a scheduler plugin that keeps pods in the regions they demand, and near the one they serve.
package edgeproximity

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/cycle"
	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
)

// Name of the plugin in a scheduler's configuration.
const Name = "EdgeProximity"

// HalfScoreMs is the round trip that halves a node's score, in ms.
const HalfScoreMs = 50

// Plugin decides by regions. Its data comes from outside: it reads neither a clock nor the API.
type Plugin struct {
	links   links.Source
	index   *Index
	handle  fwk.Handle
	judge   Judge
	metrics *observe.Metrics
	book    *explain.Book
	wishes  cycle.Memory[*wish]
}

var (
	_ fwk.PreFilterPlugin   = &Plugin{}
	_ fwk.FilterPlugin      = &Plugin{}
	_ fwk.PreScorePlugin    = &Plugin{}
	_ fwk.ScorePlugin       = &Plugin{}
	_ fwk.ReservePlugin     = &Plugin{}
	_ fwk.EnqueueExtensions = &Plugin{}
)

// New makes the plugin. The index is told of the nodes that the handle's snapshots hold.
func New(source links.Source, index *Index, handle fwk.Handle, metrics *observe.Metrics, book *explain.Book) *Plugin {
	p := &Plugin{links: source, index: index, handle: handle, metrics: metrics, book: book, wishes: cycle.Memory[*wish]{Key: "skerry.dev/" + Name}}
	if handle != nil {
		source.Follow(p.linksChanged)
	}
	return p
}

// Ask a judge too whether a region has room.
func (p *Plugin) Ask(judge Judge) { p.judge = judge }

// Name of the plugin.
func (p *Plugin) Name() string { return Name }

// PreFilter narrows the choice down to the nodes that the pod's demand and its round-trip budget allow. Of several
// regions it takes the first, in the pod's order, where some node has room; where other plugins' constraints decide,
// all of them stay, and the score prefers in that order. Of a large cluster, a pod that goes by nearness gets the nearest
// nodes: the scheduler looks at some nodes only, and those might all be far.
func (p *Plugin) PreFilter(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	w := read(pod)
	if w == nil {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	p.wishes.Write(state, pod, w)
	if w.required == "" && w.maxRTT == 0 && (len(nodes) <= enough || !p.links.Matrix().Knows(w.near)) {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	names := sets.Set[string]{}
	if p.index.Synced() {
		names = p.candidates(ctx, p.index, w, pod)
	}
	if names.Len() == 0 {
		// Nobody is refused because the index is a moment behind.
		names = p.candidates(ctx, indexOf(nodes), w, pod)
	}
	if names.Len() == 0 {
		p.metrics.Refused(Name, "no region")
		return nil, fwk.NewStatus(fwk.UnschedulableAndUnresolvable, p.nobody(w))
	}
	return &fwk.PreFilterResult{NodeNames: names}, nil
}

func (p *Plugin) candidates(ctx context.Context, index *Index, w *wish, pod *corev1.Pod) sets.Set[string] {
	if w.required == "" {
		return p.nearest(ctx, index, w, pod)
	}
	if len(w.fallback) == 0 {
		return index.Edge(w.required)
	}
	w.passed = nil
	all, choose := sets.New[string](), !judgedByOthers(pod)
	for _, region := range w.allowed() {
		if !p.within(w, region) {
			continue
		}
		names := index.Edge(region)
		if choose && someRoom(klog.FromContext(ctx), p.handle.SnapshotSharedLister().NodeInfos(), names, pod, p.judge) {
			return names
		}
		if choose {
			w.passed = append(w.passed, region)
		}
		all = all.Union(names)
	}
	return all
}

// enough nodes to choose among; the scheduler always looks at as many (upstream's minFeasibleNodesToFind).
const enough = 100

// nearest nodes to the region served, region by region and within the budget, until there are enough and one has room.
func (p *Plugin) nearest(ctx context.Context, index *Index, w *wish, pod *corev1.Pod) sets.Set[string] {
	type place struct {
		region string
		rtt    float64
	}
	var places []place
	for region := range index.Places() {
		rtt := math.Inf(1)
		if link, known := p.links.Matrix().Link(w.served(), region); known {
			rtt = link.RTTMs
		}
		if w.maxRTT == 0 || rtt <= w.maxRTT {
			places = append(places, place{region, rtt})
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.rtt, b.rtt), cmp.Compare(a.region, b.region))
	})
	names, choose := sets.New[string](), !judgedByOthers(pod)
	for _, at := range places {
		names = names.Union(index.Places()[at.region])
		if choose && names.Len() >= enough && someRoom(klog.FromContext(ctx), p.handle.SnapshotSharedLister().NodeInfos(), names, pod, p.judge) {
			break
		}
	}
	return names
}

// within tells whether a region lies within the pod's round-trip budget. One at an unknown distance does not.
func (p *Plugin) within(w *wish, region string) bool {
	if w.maxRTT == 0 {
		return true
	}
	link, known := p.links.Matrix().Link(w.served(), region)
	return known && link.RTTMs <= w.maxRTT
}

func (p *Plugin) nobody(w *wish) string {
	if !p.links.Matrix().Knows(w.served()) {
		return fmt.Sprintf("pod asks for region %s, which the fleet does not have", w.served())
	}
	limit := ""
	if w.maxRTT > 0 {
		limit = fmt.Sprintf(" within %v ms", w.maxRTT)
	}
	if w.required == "" {
		return fmt.Sprintf("pod serves region %s, and this cluster has no node%s of it", w.near, limit)
	}
	return fmt.Sprintf("pod requires region %s, where this cluster has no edge node%s", strings.Join(w.allowed(), " or "), limit)
}

// PreFilterExtensions has none: other pods do not change a node's region.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return nil }

// Filter keeps a pod out of every region but those it allows.
func (p *Plugin) Filter(_ context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	w := p.wishes.Read(state, pod)
	if w == nil {
		return nil
	}
	stands := edgeRegion(info.Node())
	switch {
	case w.required != "" && stands == "":
		p.metrics.Refused(Name, "other region")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, "node is in no edge region, pod requires "+w.required)
	case w.required != "" && w.rank(stands) < 0:
		p.metrics.Refused(Name, "other region")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node is in %s, pod requires %s", stands, strings.Join(w.allowed(), " or ")))
	case w.maxRTT > 0 && !p.within(w, place(info.Node())):
		p.metrics.Refused(Name, "too far")
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node is in %s, more than %v ms from %s", place(info.Node()), w.maxRTT, w.served()))
	}
	return nil
}

// PreScore gives no scores to pods that neither demand nor serve a region: they are placed as the stock scheduler would.
func (p *Plugin) PreScore(_ context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) *fwk.Status {
	if w := p.wishes.Read(state, pod); w == nil || w.required != "" && len(w.fallback) == 0 {
		return fwk.NewStatus(fwk.Skip)
	}
	return nil
}

// Score goes by the pod's order where it has one. Otherwise it is 100 in the served region itself, halved with every
// HalfScoreMs of round trip from there, and 0 where the round trip is unknown.
func (p *Plugin) Score(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	w := p.wishes.Read(state, pod)
	if w == nil {
		return 0, nil
	}
	if regions := len(w.fallback) + 1; regions > 1 {
		rank := max(0, w.rank(edgeRegion(info.Node())))
		return fwk.MaxNodeScore * int64(regions-rank) / int64(regions), nil
	}
	link, known := p.links.Matrix().Link(w.served(), place(info.Node()))
	if !known {
		klog.FromContext(ctx).V(4).Info("No link: lowest score", "pod", klog.KObj(pod), "from", w.served(), "to", place(info.Node()))
		return fwk.MinNodeScore, nil
	}
	return int64(math.Round(float64(fwk.MaxNodeScore) * math.Exp2(-link.RTTMs/HalfScoreMs))), nil
}

// ScoreExtensions has none: scores are on the framework's scale already, and the same round trip is worth the same to
// every pod.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }

// Reserve notes where the pod goes, and why there.
func (p *Plugin) Reserve(_ context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	w := p.wishes.Read(state, pod)
	if w == nil || p.handle == nil {
		return nil
	}
	for _, problem := range w.problems {
		p.book.Note(pod, Name, "ignored: "+problem)
	}
	if info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node); err == nil {
		kind, text := p.reason(w, info.Node())
		p.metrics.Decided(Name, kind)
		p.book.Note(pod, Name, text)
	}
	return nil
}

// reason for a node: what kind of reason, and all of it.
func (p *Plugin) reason(w *wish, node *corev1.Node) (kind, text string) {
	stands := place(node)
	if w.required == stands {
		return "required", stands + " as required"
	}
	link, known := p.links.Matrix().Link(w.served(), stands)
	distance := "at an unknown distance"
	if known {
		distance = fmt.Sprintf("%v ms %s", link.RTTMs, link.Basis)
	}
	if rank := w.rank(stands); rank > 0 {
		why := ""
		if len(w.passed) > 0 {
			why = ": no room in " + strings.Join(w.passed, ", ")
		}
		return "fallback", fmt.Sprintf("%s, fallback %d of %d, %s from %s%s", stands, rank, len(w.fallback), distance, w.required, why)
	}
	return "near", fmt.Sprintf("%s, %s from %s", stands, distance, w.served())
}

// Unreserve takes the explanation back.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) {
	p.book.Drop(pod)
}
