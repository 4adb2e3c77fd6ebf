package scheduling

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"
	fwk "k8s.io/kube-scheduler/framework"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// Shortage compares what a pod requests of a resource with what nodes had at the last attempt. It returns false for
// resources that the pod does not request.
func (s *Scheduler) Shortage(pod *corev1.Pod, name corev1.ResourceName, nodes []string) (simulationv1.Shortage, bool) {
	requested, found := resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{})[name]
	if !found {
		return simulationv1.Shortage{}, false
	}
	infos := s.profiles[pod.Spec.SchedulerName].SnapshotSharedLister().NodeInfos()
	free, allocatable := resource.Quantity{Format: requested.Format}, resource.Quantity{Format: requested.Format}
	for _, node := range nodes {
		info, err := infos.Get(node)
		if err != nil {
			continue
		}
		all := info.Node().Status.Allocatable[name]
		left := all.DeepCopy()
		left.Sub(used(info, name))
		if left.Cmp(free) > 0 {
			free = left
		}
		if all.Cmp(allocatable) > 0 {
			allocatable = all
		}
	}
	return simulationv1.Shortage{
		Resource: string(name), Requested: requested.String(), LargestFree: free.String(), LargestAllocatable: allocatable.String(),
	}, true
}

func used(info fwk.NodeInfo, name corev1.ResourceName) resource.Quantity {
	requested := info.GetRequested()
	switch name {
	case corev1.ResourceCPU:
		return *resource.NewMilliQuantity(requested.GetMilliCPU(), resource.DecimalSI)
	case corev1.ResourceMemory:
		return *resource.NewQuantity(requested.GetMemory(), resource.BinarySI)
	case corev1.ResourceEphemeralStorage:
		return *resource.NewQuantity(requested.GetEphemeralStorage(), resource.BinarySI)
	}
	return *resource.NewQuantity(requested.GetScalarResources()[name], resource.DecimalSI)
}
