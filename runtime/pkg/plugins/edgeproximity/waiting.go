package edgeproximity

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"
)

// activateWaiting activates the unscheduled pods with a round-trip budget after a change of the links. The links are not an
// API object, so the scheduler's queue has no event for them.
func (p *Plugin) activateWaiting() {
	logger := klog.Background().WithName(Name)
	pods, err := p.handle.SharedInformerFactory().Core().V1().Pods().Lister().List(labels.Everything())
	if err != nil {
		logger.Error(err, "Failed to list pods that wait for a shorter link")
		return
	}
	waiting := map[string]*corev1.Pod{}
	for _, pod := range pods {
		if c := parseConstraints(pod); pod.Spec.NodeName == "" && c.hasRegion() && c.maxRTT > 0 {
			waiting[klog.KObj(pod).String()] = pod
		}
	}
	// Activate ignores pods that are not in the queue.
	p.handle.Activate(logger, waiting)
}
