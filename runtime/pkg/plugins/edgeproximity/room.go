package edgeproximity

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/noderesources"

	corev1helper "k8s.io/component-helpers/scheduling/corev1"
)

// Judge tells, for one pod, which nodes have no room for it by a measure that requests do not show.
type Judge func(pod *corev1.Pod) (full func(fwk.NodeInfo) bool)

// someRoom tells whether any of the nodes could take the pod: healthy and open by its taints, fitting by the pod's
// selectors and requests, and not full by the judge, if there is one.
func someRoom(logger klog.Logger, nodes fwk.NodeInfoLister, names sets.Set[string], pod *corev1.Pod, judge Judge) bool {
	affinity := nodeaffinity.GetRequiredNodeAffinity(pod)
	full := func(fwk.NodeInfo) bool { return false }
	if judge != nil {
		full = judge(pod)
	}
	for name := range names {
		info, err := nodes.Get(name)
		if err != nil || info.Node() == nil || info.Node().Spec.Unschedulable {
			continue
		}
		_, kept := corev1helper.FindMatchingUntoleratedTaint(logger, info.Node().Spec.Taints, pod.Spec.Tolerations,
			func(t *corev1.Taint) bool { return t.Effect != corev1.TaintEffectPreferNoSchedule }, false)
		if kept {
			continue
		}
		if fits, err := affinity.Match(info.Node()); err != nil || !fits {
			continue
		}
		if len(noderesources.Fits(pod, info, nil, noderesources.ResourceRequestsOptions{EnablePodLevelResources: true})) == 0 && !full(info) {
			return true
		}
	}
	return false
}

// judgedByOthers tells whether a pod has constraints that someRoom does not look at, so that a region with room may
// still have no node for it.
func judgedByOthers(pod *corev1.Pod) bool {
	if affinity := pod.Spec.Affinity; affinity != nil {
		if together := affinity.PodAffinity; together != nil && len(together.RequiredDuringSchedulingIgnoredDuringExecution) > 0 {
			return true
		}
		if apart := affinity.PodAntiAffinity; apart != nil && len(apart.RequiredDuringSchedulingIgnoredDuringExecution) > 0 {
			return true
		}
	}
	for _, constraint := range pod.Spec.TopologySpreadConstraints {
		if constraint.WhenUnsatisfiable == corev1.DoNotSchedule {
			return true
		}
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil || volume.Ephemeral != nil {
			return true
		}
	}
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.HostPort != 0 {
				return true
			}
		}
	}
	return len(pod.Spec.ResourceClaims) > 0
}
