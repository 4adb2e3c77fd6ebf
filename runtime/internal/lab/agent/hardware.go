// Package agent joins machines to clusters in the way of a K3s agent.
package agent

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Hardware is the hardware of a machine.
type Hardware struct {
	InstanceType string  `json:"instanceType"`
	CPUCores     float64 `json:"cpuCores"`
	MemoryMiB    int64   `json:"memoryMiB"`
	EphemeralGiB int64   `json:"ephemeralGiB"`
	// Pods is the maximum number of pods; 0 means 110, the kubelet's default.
	Pods int64 `json:"pods,omitempty"`
}

const defaultPods = 110

// reservedMiB is the memory that each node reserves for the system: K3s documents about this much for an agent.
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

// Capacity returns the capacity of the node.
func (h Hardware) Capacity() corev1.ResourceList { return h.resources(h.MemoryMiB) }

// Allocatable returns the part of the capacity that is available to pods.
func (h Hardware) Allocatable() corev1.ResourceList {
	return h.resources(max(h.MemoryMiB-reservedMiB, h.MemoryMiB/2))
}
