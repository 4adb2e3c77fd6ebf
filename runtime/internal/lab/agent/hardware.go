// Package agent joins machines to clusters as K3s agents do.
package agent

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Hardware is what a machine is made of, as a cloud's catalogue states it.
type Hardware struct {
	InstanceType string  `json:"instanceType"`
	CPUCores     float64 `json:"cpuCores"`
	MemoryMiB    int64   `json:"memoryMiB"`
	EphemeralGiB int64   `json:"ephemeralGiB"`
	// Pods is the most that the node takes; 110 when it is 0, as the kubelet's default is.
	Pods int64 `json:"pods,omitempty"`
}

const defaultPods = 110

// Reserved for the system on each node, in MiB: K3s states that an agent needs about this much.
const reservedMiB = 256

func (h Hardware) resources(memoryMiB int64) corev1.ResourceList {
	pods := h.Pods
	if pods == 0 {
		pods = defaultPods
	}
	list := corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewMilliQuantity(int64(h.CPUCores*1000), resource.DecimalSI),
		corev1.ResourceMemory: resource.MustParse(fmt.Sprintf("%dMi", memoryMiB)),
		corev1.ResourcePods:   *resource.NewQuantity(pods, resource.DecimalSI),
	}
	if h.EphemeralGiB > 0 {
		list[corev1.ResourceEphemeralStorage] = resource.MustParse(fmt.Sprintf("%dGi", h.EphemeralGiB))
	}
	return list
}

// Capacity is all that the machine has.
func (h Hardware) Capacity() corev1.ResourceList { return h.resources(h.MemoryMiB) }

// Allocatable is what pods may have of it.
func (h Hardware) Allocatable() corev1.ResourceList {
	return h.resources(max(h.MemoryMiB-reservedMiB, h.MemoryMiB/2))
}
