package latency

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// Trimaran's defaults: target usage in per cent, multiplier on the requests of pods that no sample shows, and for how
// long they are not shown, in seconds.
const (
	packingTarget     = 40
	packingMultiplier = 1.5
	packingUnseen     = 60
)

// packing scores as Trimaran's TargetLoadPacking does (sigs.k8s.io/scheduler-plugins, KEP 61).
type packing struct{ recent []recent }

// recent is a pod that was placed lately.
type recent struct {
	node  int
	at    float64
	cores float64
}

func cores(pod *corev1.Pod) float64 {
	return pod.Spec.Containers[0].Resources.Requests.Cpu().AsApproximateFloat64()
}

// score rises to 100 at the target, and falls behind it.
func (p *packing) score(node int, info fwk.NodeInfo, pod *corev1.Pod, now, used float64) float64 {
	all := float64(info.GetAllocatable().GetMilliCPU()) / 1e3
	used += packingMultiplier * cores(pod) / all
	for _, r := range p.recent {
		if r.node == node && now-r.at < packingUnseen {
			used += packingMultiplier * r.cores / all
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

// note a placement.
func (p *packing) note(node int, pod *corev1.Pod, now float64) {
	p.recent = slices.DeleteFunc(p.recent, func(r recent) bool { return now-r.at >= packingUnseen })
	p.recent = append(p.recent, recent{node, now, cores(pod)})
}
