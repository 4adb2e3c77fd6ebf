// Package cycle caches what a plugin computes once per scheduling cycle and needs again for each node.
package cycle

import (
	"sync/atomic"

	fwk "k8s.io/kube-scheduler/framework"
)

// Cache caches one value of a plugin per scheduling cycle. The value belongs to the framework's CycleState, and Write
// stores it there. Reading a CycleState costs a lookup in a locked map for each node and plugin, so the Cache also keeps
// the latest value. Preemption clones the CycleState for each node; values of clones are read from the clone.
type Cache[T fwk.StateData] struct {
	Key  fwk.StateKey
	last atomic.Pointer[entry[T]]
}

type entry[T any] struct {
	state fwk.CycleState
	value T
}

// Write stores the value of a cycle.
func (c *Cache[T]) Write(state fwk.CycleState, value T) {
	state.Write(c.Key, value)
	c.last.Store(&entry[T]{state, value})
}

// Read returns the value of a cycle, or the zero value if there is none.
func (c *Cache[T]) Read(state fwk.CycleState) T {
	if last := c.last.Load(); last != nil && last.state == state {
		return last.value
	}
	var zero T
	data, err := state.Read(c.Key)
	if err != nil {
		return zero
	}
	value, ok := data.(T)
	if !ok {
		return zero
	}
	return value
}
