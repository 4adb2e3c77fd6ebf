// Package usage computes the usage of the lab's machines, and publishes it for those on which no node agent runs.
package usage

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/demand"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

// Usage is the usage of a node in percent, and that of its pods, which it includes.
type Usage struct {
	CPU, Memory, IO, Network float64
	Pods                     []v1alpha1.PodUsage
}

// At returns the usage of a node at a time: that of the machine itself plus that of its pods, which are among the given ones.
func At(library *traces.Library, node *corev1.Node, pods []*corev1.Pod, t time.Time) Usage {
	var own []*corev1.Pod
	for _, pod := range pods {
		if pod.Spec.NodeName == node.Name {
			own = append(own, pod)
		}
	}
	return newUsage(node, library.Machine(node.Name), podUsageByNode(own)[node.Name], t)
}

func newUsage(node *corev1.Node, machine traces.Machine, pods []v1alpha1.PodUsage, t time.Time) Usage {
	cores, bytes := 0.0, 0.0
	for _, pod := range pods {
		cores, bytes = cores+pod.CPUCores, bytes+pod.MemoryBytes
	}
	capacity := node.Status.Capacity
	return Usage{
		CPU:    machine.CPU.At(t) + 100*fractionOf(cores, capacity.Cpu()),
		Memory: machine.Memory.At(t) + 100*fractionOf(bytes, capacity.Memory()),
		IO:     machine.IO.At(t), Network: machine.Network.At(t), Pods: pods,
	}
}

func fractionOf(part float64, total *resource.Quantity) float64 {
	if total.Sign() <= 0 {
		return 0
	}
	return part / total.AsApproximateFloat64()
}

// podUsageByNode returns the usage of the pods of each node, sorted by UID. A pod uses what it requests.
func podUsageByNode(pods []*corev1.Pod) map[string][]v1alpha1.PodUsage {
	byNode := map[string][]v1alpha1.PodUsage{}
	for _, pod := range pods {
		if node := pod.Spec.NodeName; node != "" && pod.Status.Phase == corev1.PodRunning {
			cores, bytes := demand.Requests(pod)
			byNode[node] = append(byNode[node], v1alpha1.PodUsage{UID: pod.UID, CPUCores: cores, MemoryBytes: bytes})
		}
	}
	for _, each := range byNode {
		slices.SortFunc(each, func(a, b v1alpha1.PodUsage) int { return cmp.Compare(a.UID, b.UID) })
	}
	return byNode
}

// DeclaredCapacity returns the capacity that was declared for the device of a node: the node controller annotates it.
func DeclaredCapacity(node *corev1.Node) v1alpha1.Capacity {
	var capacity v1alpha1.Capacity
	if json.Unmarshal([]byte(node.Annotations[nodepool.CapacityAnnotation]), &capacity) != nil {
		return v1alpha1.Capacity{}
	}
	return capacity
}
