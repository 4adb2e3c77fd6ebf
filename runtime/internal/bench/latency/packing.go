package latency

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// Defaults of Trimaran: target utilization in percent, multiplier of the requests of recent pods, and how long pods are recent,
// in seconds.
const (
	packingTarget     = 40
	packingMultiplier = 1.5
	packingRecent     = 60
)

// packing scores nodes as Trimaran's TargetLoadPacking does (sigs.k8s.io/scheduler-plugins, KEP 61).
type packing struct{ recent []recent }

// recent is a recently placed pod.
type recent struct {
	node  int
	at    float64
	cores float64
}

func requestedCores(pod *corev1.Pod) float64 {
	return pod.Spec.Containers[0].Resources.Requests.Cpu().AsApproximateFloat64()
}

// score returns a score that rises to 100 at the target utilization and falls above it.
func (p *packing) score(node int, info fwk.NodeInfo, pod *corev1.Pod, now, used float64) float64 {
	total := float64(info.GetAllocatable().GetMilliCPU()) / 1e3
	used += packingMultiplier * requestedCores(pod) / total
	for _, r := range p.recent {
		if r.node == node && now-r.at < packingRecent {
			used += packingMultiplier * r.cores / total
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

// add adds a placed pod.
func (p *packing) add(node int, pod *corev1.Pod, now float64) {
	p.recent = slices.DeleteFunc(p.recent, func(r recent) bool { return now-r.at >= packingRecent })
	p.recent = append(p.recent, recent{node, now, requestedCores(pod)})
}
