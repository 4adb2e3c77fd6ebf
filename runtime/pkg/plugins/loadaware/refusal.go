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

// exempt pods are refused by no node. A daemon belongs on its node however busy that is: the threshold keeps room for
// such pods. And as the kubelet admits critical pods to a node that is short of memory, so does this plugin.
func exempt(pod *corev1.Pod) bool {
	owner := metav1.GetControllerOfNoCopy(pod)
	return owner != nil && owner.Kind == "DaemonSet" ||
		pod.Spec.Priority != nil && *pod.Spec.Priority >= scheduling.SystemCriticalPriority
}

// refusal of a node: its kind, what is said of it, and whether preemption may help.
type refusal struct {
	reason, text string
	code         fwk.Code
}

// refusal of a node by facts: its own fresh sample, and what is known of the workloads of the pods that the sample misses;
// of an unknown workload, its request. Nil when the node may have the pod.
func (p *Plugin) refusal(info fwk.NodeInfo, a *attempt) *refusal {
	if !p.closed && !a.doubtful[info.Node().Name] && a.changed == (expectation{}) {
		return nil
	}
	b := p.balance(info.Node().Name)
	if p.ledger.fresh.State(b.sampled, a.now) != load.Fresh {
		if p.closed {
			return &refusal{"no data", "node has no fresh usage data, and whenMissing is Closed", fwk.UnschedulableAndUnresolvable}
		}
		return nil
	}
	// A request counts in cores of this node: how fast others are is no fact about it.
	speed := b.speedOr(a.speed)
	power := powerOf(info, speed)
	missed := b.missed.plus(a.expects, 1).plus(a.changed, 1).all(speed)
	for _, each := range [...]struct {
		d      load.Dimension
		missed float64
	}{{load.CPU, over(missed.cores, power.cores)}, {load.Memory, over(missed.bytes, power.bytes)}, {load.Network, 0}} {
		if used, known := b.measured.Get(each.d); known && used+each.missed > p.threshold[each.d] {
			return &refusal{each.d.String(), fmt.Sprintf("node's %s would be over %.0f %%", each.d, 100*p.threshold[each.d]), fwk.Unschedulable}
		}
	}
	return nil
}

// tooBusy is the refusal by a node's level, for a pod that waits.
func (p *Plugin) tooBusy(row *level, pod expectation, now time.Time) bool {
	if p.ledger.fresh.State(row.sampled, now) != load.Fresh {
		return p.closed
	}
	return row.exceeded(pod)
}

// PreFilterExtensions let preemption find out whether a node would take the pod without others.
func (p *Plugin) PreFilterExtensions() fwk.PreFilterExtensions { return p }

// AddPod counts a pod that is nominated to the node, or one that preemption spares after all.
func (p *Plugin) AddPod(_ context.Context, state fwk.CycleState, pod *corev1.Pod, added fwk.PodInfo, info fwk.NodeInfo) *fwk.Status {
	p.change(state, pod, added.GetPod(), info, 1)
	return nil
}

// RemovePod leaves out a pod that preemption may evict: what the node's sample shows of it, and what that misses.
func (p *Plugin) RemovePod(_ context.Context, state fwk.CycleState, pod *corev1.Pod, removed fwk.PodInfo, info fwk.NodeInfo) *fwk.Status {
	p.change(state, pod, removed.GetPod(), info, -1)
	return nil
}

// change what counts in an attempt, whose state is one node's copy.
func (p *Plugin) change(state fwk.CycleState, pod, other *corev1.Pod, info fwk.NodeInfo, times float64) {
	if a := p.attempts.Read(state, pod); a != nil {
		uses, runs := p.ledger.counted(info.Node().Name, other.UID)
		if !runs {
			uses = p.claim(other, a.now).expect()
		}
		a.changed = a.changed.plus(uses, times)
	}
}
