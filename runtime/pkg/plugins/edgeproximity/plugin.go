// Package edgeproximity is a scheduler plugin that keeps pods in the region they demand, and near the one they serve.
package edgeproximity

import (
	"context"
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

// Name of the plugin in a scheduler's configuration.
const Name = "EdgeProximity"

// NearRegion is the annotation of a pod that serves a region but may run elsewhere.
const NearRegion = "skerry.dev/near-region"

// HalfScoreMs is the round trip that halves a node's score, in ms.
const HalfScoreMs = 50

// Plugin decides by regions. Its data comes from outside: it reads neither a clock nor the API.
type Plugin struct {
	links links.Source
}

var (
	_ fwk.PreFilterPlugin   = &Plugin{}
	_ fwk.FilterPlugin      = &Plugin{}
	_ fwk.PreScorePlugin    = &Plugin{}
	_ fwk.ScorePlugin       = &Plugin{}
	_ fwk.EnqueueExtensions = &Plugin{}
	_ fwk.SignPlugin        = &Plugin{}
)

// New makes the plugin.
func New(source links.Source) *Plugin { return &Plugin{links: source} }

// Name of the plugin.
func (p *Plugin) Name() string { return Name }

// edgeRegion is what a demand is held against. Only edge workers have one.
func edgeRegion(node *corev1.Node) string { return node.Labels[labels.EdgeRegion] }

// place is where a node stands, for round trips: its edge region or, in a cloud, the region that upstream's label names.
func place(node *corev1.Node) string {
	if region := edgeRegion(node); region != "" {
		return region
	}
	return node.Labels[labels.TopologyRegion]
}

func required(pod *corev1.Pod) string { return pod.Labels[labels.RequiredRegion] }

// served is the region that a pod's round trips count from: the one it must run in, or the one it should be near.
func served(pod *corev1.Pod) string {
	if region := required(pod); region != "" {
		return region
	}
	return pod.Annotations[NearRegion]
}

// SignPod names what this plugin looks at, so that equal pods may be decided together.
func (p *Plugin) SignPod(_ context.Context, pod *corev1.Pod) ([]fwk.SignFragment, *fwk.Status) {
	return []fwk.SignFragment{{Key: "skerry.dev/" + Name, Value: [2]string{required(pod), pod.Annotations[NearRegion]}}}, nil
}

// PreFilter narrows the choice down to the nodes of the demanded region; without a demand it has no say.
func (p *Plugin) PreFilter(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, nodes []fwk.NodeInfo) (*fwk.PreFilterResult, *fwk.Status) {
	region := required(pod)
	if region == "" {
		return nil, fwk.NewStatus(fwk.Skip)
	}
	names := sets.New[string]()
	for _, info := range nodes {
		if node := info.Node(); node != nil && edgeRegion(node) == region {
			names.Insert(node.Name)
		}
	}
	if names.Len() == 0 {
		return nil, fwk.NewStatus(fwk.UnschedulableAndUnresolvable, p.nobody(region))
	}
	return &fwk.PreFilterResult{NodeNames: names}, nil
}

func (p *Plugin) nobody(region string) string {
	if !p.links.Matrix().Knows(region) {
		return fmt.Sprintf("pod requires region %s, which the fleet does not have", region)
	}
	return fmt.Sprintf("pod requires region %s, where this cluster has no edge node", region)
}

// PreFilterExtensions has none: other pods do not change a node's region.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return nil }

// Filter keeps a pod out of every region but the one it demands.
func (p *Plugin) Filter(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) *fwk.Status {
	wanted, stands := required(pod), edgeRegion(info.Node())
	if wanted == "" || wanted == stands {
		return nil
	}
	if stands == "" {
		return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, "node is in no edge region, pod requires "+wanted)
	}
	return fwk.NewStatus(fwk.UnschedulableAndUnresolvable, fmt.Sprintf("node is in %s, pod requires %s", stands, wanted))
}

// PreScore gives no scores to pods that neither demand nor serve a region: they are placed as the stock scheduler would.
func (p *Plugin) PreScore(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) *fwk.Status {
	if served(pod) == "" {
		return fwk.NewStatus(fwk.Skip)
	}
	return nil
}

// Score is 100 in the served region itself, halved with every HalfScoreMs of round trip from there, and 0 where the
// round trip is unknown.
func (p *Plugin) Score(ctx context.Context, _ fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	from, to := served(pod), place(info.Node())
	rtt, known := p.links.Matrix().RTT(from, to)
	if !known {
		klog.FromContext(ctx).V(4).Info("No link: lowest score", "pod", klog.KObj(pod), "from", from, "to", to)
		return fwk.MinNodeScore, nil
	}
	return int64(math.Round(float64(fwk.MaxNodeScore) * math.Exp2(-rtt/HalfScoreMs))), nil
}

// ScoreExtensions has none: scores are on the framework's scale already, and the same round trip is worth the same to
// every pod.
func (p *Plugin) ScoreExtensions() fwk.ScoreExtensions { return nil }

// EventsToRegister names what may let a refused pod in: a node that appears in its region, or moves there by its labels.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{Event: fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeLabel}, QueueingHintFn: nodeHelps},
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.UpdatePodLabel}, QueueingHintFn: podHelps},
	}, nil
}

func nodeHelps(_ klog.Logger, pod *corev1.Pod, before, after any) (fwk.QueueingHint, error) {
	node, ok := after.(*corev1.Node)
	if !ok {
		return fwk.Queue, nil
	}
	if old, ok := before.(*corev1.Node); ok && edgeRegion(old) == edgeRegion(node) {
		return fwk.QueueSkip, nil
	}
	if required(pod) == "" || edgeRegion(node) == required(pod) {
		return fwk.Queue, nil
	}
	return fwk.QueueSkip, nil
}

func podHelps(_ klog.Logger, pod *corev1.Pod, before, after any) (fwk.QueueingHint, error) {
	old, wasPod := before.(*corev1.Pod)
	changed, isPod := after.(*corev1.Pod)
	if wasPod && isPod && (changed.UID != pod.UID || required(old) == required(changed)) {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
