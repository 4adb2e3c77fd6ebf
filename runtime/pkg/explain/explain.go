// Package explain tells a pod, in its events, why it is where it is.
package explain

import (
	"context"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// Reason of the event.
const Reason = "Placed"

const key fwk.StateKey = "skerry.dev/explanation"

// notes of one pod's scheduling cycle, in the order in which the plugins wrote them.
type notes struct {
	mutex sync.Mutex
	texts []string
	told  bool
}

// Clone shares the notes: they are of the pod, not of an attempt on some node.
func (n *notes) Clone() fwk.StateData { return n }

func of(state fwk.CycleState) *notes {
	if data, err := state.Read(key); err == nil {
		if n, ok := data.(*notes); ok {
			return n
		}
	}
	n := &notes{}
	state.Write(key, n)
	return n
}

// Add notes what decided for the node that was chosen. Plugins do so when they reserve.
func Add(state fwk.CycleState, plugin, text string) {
	n := of(state)
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if text = plugin + ": " + text; !slices.Contains(n.texts, text) {
		n.texts = append(n.texts, text)
	}
}

// Text is all that was noted.
func Text(state fwk.CycleState) string {
	n := of(state)
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return strings.Join(n.texts, "; ")
}

// Tell writes one event on the pod, however many plugins ask for it; none when nothing was noted.
func Tell(ctx context.Context, recorder events.EventRecorderLogger, state fwk.CycleState, pod *corev1.Pod, node string) {
	n := of(state)
	n.mutex.Lock()
	silent := n.told || len(n.texts) == 0
	n.told = true
	n.mutex.Unlock()
	if silent || recorder == nil {
		return
	}
	klog.FromContext(ctx).V(2).Info(Reason, "pod", klog.KObj(pod), "node", node, "why", Text(state))
	recorder.Eventf(pod, nil, corev1.EventTypeNormal, Reason, "Scheduling", "%s: %s", node, Text(state))
}
