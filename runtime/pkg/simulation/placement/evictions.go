package placement

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
)

var logger = klog.Background()

// tolerates reports whether a pod tolerates the taints of a node that evict pods, and for how long; nil is forever.
func tolerates(pod *corev1.Pod, taints []corev1.Taint) (seconds *int64, tolerated bool) {
	for i := range taints {
		taint := &taints[i]
		if taint.Effect != corev1.TaintEffectNoExecute {
			continue
		}
		found := false
		for j := range pod.Spec.Tolerations {
			toleration := &pod.Spec.Tolerations[j]
			if !toleration.ToleratesTaint(logger, taint, true) {
				continue
			}
			found = true
			if s := toleration.TolerationSeconds; s != nil && (seconds == nil || *s < *seconds) {
				seconds = s
			}
		}
		if !found {
			return nil, false
		}
	}
	return seconds, true
}
