package edgeproximity

import (
	"context"
	"math"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// HalfScoreMs is the round trip that halves a node's score, in ms.
const HalfScoreMs = 50

// PreScore skips pods that neither require nor serve a region, and those that allow one region only.
func (p *Plugin) PreScore(_ context.Context, state fwk.CycleState, pod *corev1.Pod, _ []fwk.NodeInfo) *fwk.Status {
	if w := p.wishes.Read(state); !w.asks() || w.required != "" && len(w.fallback) == 0 {
		return fwk.NewStatus(fwk.Skip)
	}
	return nil
}

// Score goes by the pod's order of regions if it has one. Otherwise it is 100 in the served region itself, halves with
// every HalfScoreMs of round trip from there, and is 0 where the round trip is unknown.
func (p *Plugin) Score(ctx context.Context, state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo) (int64, *fwk.Status) {
	w := p.wishes.Read(state)
	if !w.asks() {
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
