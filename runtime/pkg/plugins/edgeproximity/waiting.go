package edgeproximity

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"
)

// linksChanged lets pods that wait with a round-trip budget try again. The matrix is no object of the API, so the
// scheduler's queue has no event for it.
func (p *Plugin) linksChanged() {
	logger := klog.Background().WithName(Name)
	pods, err := p.handle.SharedInformerFactory().Core().V1().Pods().Lister().List(labels.Everything())
	if err != nil {
		logger.Error(err, "Who waits for a shorter link is not known")
		return
	}
	waiting := map[string]*corev1.Pod{}
	for _, pod := range pods {
		if w := read(pod); pod.Spec.NodeName == "" && w.asks() && w.maxRTT > 0 {
			waiting[klog.KObj(pod).String()] = pod
		}
	}
	// Those that the queue does not hold, it leaves alone.
	p.handle.Activate(logger, waiting)
}
