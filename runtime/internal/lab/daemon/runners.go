package daemon

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
)

// runners run the local programs and publish the usage of each running cluster.
type runners struct {
	// ctx ends with the lab.
	ctx          context.Context
	programs     programs.Table
	tools, state string
	usage        usage.Publisher
	registry     *pods.Registry
	logger       *slog.Logger
	tasks        sync.WaitGroup
}

// start runs a cluster's local programs and publishes its nodes' usage until the context ends, and retries on errors.
func (r *runners) start(ctx context.Context, cluster machines.Cluster) {
	publisher := r.usage
	publisher.Kubeconfig, publisher.Programs = cluster.Kubeconfig, r.programs
	if publisher.Interval > 0 {
		r.runForever(ctx, cluster.Name, publisher.Run)
	}
	volumes := filepath.Join(r.state, "volumes", cluster.Name)
	r.runForever(ctx, cluster.Name, func(ctx context.Context) error {
		runner := &pods.Runner{
			Cluster: cluster.Name, Kubeconfig: cluster.Kubeconfig, Addresses: cluster.Addresses,
			Machines: cluster.Machines, Socket: filepath.Join(r.state, socketFile),
			Programs: r.programs, Traces: r.usage.Traces, VolumesDir: volumes,
			ToolsDir: r.tools, PodsDir: filepath.Join(r.state, "pods"), LogsDir: filepath.Join(r.state, "logs"),
			Registry: r.registry, Logger: r.logger,
		}
		err := runner.Run(ctx)
		if ctx.Err() != nil && r.ctx.Err() == nil {
			// The cluster was deleted.
			err = errors.Join(err, os.RemoveAll(volumes))
		}
		return err
	})
}

// runForever runs a function until the context ends, and again whenever it returns.
func (r *runners) runForever(ctx context.Context, cluster string, run func(context.Context) error) {
	r.tasks.Add(1)
	go func() {
		defer r.tasks.Done()
		for ctx.Err() == nil {
			if err := run(ctx); err != nil {
				r.logger.Warn("task failed; retrying", "cluster", cluster, "err", err)
				time.Sleep(time.Second)
			}
		}
	}()
}

func (r *runners) wait() { r.tasks.Wait() }
