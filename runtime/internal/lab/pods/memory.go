package pods

import (
	"context"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// memoryTick is how often a container's memory is compared with its limit.
const memoryTick = 500 * time.Millisecond

// limitMemory kills a container's process when it exceeds the container's memory limit, as the kernel does in a real one.
func (c *container) limitMemory(ctx context.Context) {
	limit := c.spec.Resources.Limits.Memory().Value()
	if limit == 0 {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(memoryTick):
		}
		if status := c.keeper.Status(); status.Running && process.MemoryOf(status.PID).Unreclaimable > limit {
			c.keeper.OutOfMemory()
		}
	}
}
