package pods

import (
	"context"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// memoryCheckInterval is the interval at which a container's memory is compared with its limit.
const memoryCheckInterval = 500 * time.Millisecond

// limitMemory kills a process that exceeds the memory limit of its container, as the kernel does for real containers.
func (c *container) limitMemory(ctx context.Context) {
	limit := c.spec.Resources.Limits.Memory().Value()
	if limit == 0 {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(memoryCheckInterval):
		}
		if status := c.keeper.Status(); status.Running && process.ReadMemory(status.PID).Unreclaimable > limit {
			c.keeper.KillOutOfMemory()
		}
	}
}
