package loadaware

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/apis/scheduling"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// isExempt reports whether a pod is never rejected. Pods of DaemonSets must run on their node; the thresholds keep resources
// free for them. Critical pods are exempt because the kubelet, too, admits them to a node that is short of memory.
func isExempt(pod *corev1.Pod) bool {
	owner := metav1.GetControllerOfNoCopy(pod)
	return owner != nil && owner.Kind == "DaemonSet" ||
		pod.Spec.Priority != nil && *pod.Spec.Priority >= scheduling.SystemCriticalPriority
}

// rejection is why a node is rejected.
type rejection struct {
	// reason is the value of the metric's label.
	reason, message string
	// code tells whether preemption may help.
	code fwk.Code
}

// reject returns why a node is rejected, or nil if it is not. It considers only facts about the node and the pods: the node's
// own fresh sample, the measured usage of the workloads, and the requests of pods whose workload has not been measured.
func (p *Plugin) reject(info fwk.NodeInfo, a *attempt) *rejection {
	if !p.denyMissing && !a.mayExceed[info.Node().Name] && a.podChanges == (usageEstimate{}) {
		return nil
	}
	s := p.snapshot(info.Node().Name)
	if p.tracker.freshness.State(s.sampledAt, a.now) != load.Fresh {
		if p.denyMissing {
			return &rejection{"missing_metrics", "node has no fresh usage data, and missingMetricsPolicy is Deny", fwk.UnschedulableAndUnresolvable}
		}
		return nil
	}
	// Requested cores are cores of this node: the speed of other nodes is not a fact about it.
	speed := s.coreSpeedOr(a.meanSpeed)
	capacity := capacityOf(info, speed)
	correction := s.correction.plus(a.podEstimate, 1).plus(a.podChanges, 1).total(speed)
	corrections := [load.Dimensions]float64{load.CPU: fraction(correction.cores, capacity.cores), load.Memory: fraction(correction.bytes, capacity.bytes)}
	for _, d := range scoredDimensions {
		if used, known := s.sampled.Get(d); known && used+corrections[d] > p.thresholds[d] {
			return &rejection{d.String(), fmt.Sprintf("node's %s would be over %.0f %%", d, 100*p.thresholds[d]), fwk.Unschedulable}
		}
	}
	return nil
}

// rejectsWaiting reports whether a node with a headroom rejects a waiting pod.
func (p *Plugin) rejectsWaiting(room *headroom, pod usageEstimate, now time.Time) bool {
	if p.tracker.freshness.State(room.sampledAt, now) != load.Fresh {
		return p.denyMissing
	}
	return room.exceededBy(pod)
}

// PreFilterExtensions returns the plugin itself, so that preemption can add and remove pods.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return p }

// AddPod adds a pod that is nominated to the node, or that preemption reprieves.
func (p *Plugin) AddPod(_ context.Context, state fwk.CycleState, _ *corev1.Pod, added fwk.PodInfo, info fwk.NodeInfo) *fwk.Status {
	p.changePods(state, added.GetPod(), info, 1)
	return nil
}

// RemovePod removes a potential victim of preemption: what the node's sample and its correction contain of it.
func (p *Plugin) RemovePod(_ context.Context, state fwk.CycleState, _ *corev1.Pod, removed fwk.PodInfo, info fwk.NodeInfo) *fwk.Status {
	p.changePods(state, removed.GetPod(), info, -1)
	return nil
}

// changePods adds or removes a pod in an attempt. Preemption clones the cycle state for each node, so the change affects one
// node only.
func (p *Plugin) changePods(state fwk.CycleState, pod *corev1.Pod, info fwk.NodeInfo, factor float64) {
	if a := p.attempts.Read(state); a != nil {
		used, running := p.tracker.accountedUsage(info.Node().Name, pod.UID)
		if !running {
			used = p.demandOf(pod, a.now).estimateUsage()
		}
		a.podChanges = a.podChanges.plus(used, factor)
	}
}
