// Package cycle keeps what a plugin works out once for a pod and needs again for each node.
package cycle

import (
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// Memory of a plugin. What it holds belongs to the framework's state of the pod's cycle, and is written there; reading
// that costs a locked map for each node and plugin, so the last value written is kept beside it. Preemption copies the
// state for each node: a copy has values of its own, which are read from there.
type Memory[T fwk.StateData] struct {
	Key  fwk.StateKey
	last atomic.Pointer[entry[T]]
}

type entry[T any] struct {
	state fwk.CycleState
	value T
}

// Write a pod's value.
func (m *Memory[T]) Write(state fwk.CycleState, _ *corev1.Pod, value T) {
	state.Write(m.Key, value)
	m.last.Store(&entry[T]{state, value})
}

// Read a pod's value; the zero value when none was written.
func (m *Memory[T]) Read(state fwk.CycleState, _ *corev1.Pod) T {
	if last := m.last.Load(); last != nil && last.state == state {
		return last.value
	}
	var none T
	data, err := state.Read(m.Key)
	if err != nil {
		return none
	}
	value, ok := data.(T)
	if !ok {
		return none
	}
	return value
}
