package nodeagent

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/corespeed"
)

// MeasureSpeed sets the speed of the cores, from an earlier run on this processor if there is one.
func (a *Agent) MeasureSpeed(ctx context.Context, proc, cacheFile string) {
	cpuinfo, err := os.ReadFile(filepath.Join(proc, "cpuinfo"))
	if err != nil {
		a.Logger.Warn("failed to read the model of the processor", "err", err.Error())
	}
	model := corespeed.Model(string(cpuinfo))
	if speed, found := corespeed.Load(cacheFile, model); found {
		a.SetSpeed(speed)
		return
	}
	speed, err := corespeed.Measure(ctx)
	if err != nil {
		if ctx.Err() == nil {
			a.Logger.Warn("failed to measure the speed of the cores", "err", err.Error())
		}
		return
	}
	a.Logger.Info("measured the speed of the cores", slog.Float64("speed", speed), "model", model)
	a.SetSpeed(speed)
	if err := corespeed.Store(cacheFile, model, speed); err != nil {
		a.Logger.Warn("failed to store the speed of the cores", "err", err.Error())
	}
}
