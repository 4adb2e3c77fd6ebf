package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
)

// runners run local programs in each cluster that is up.
type runners struct {
	tools, state string
	usage        usage.Publisher
	registry     *pods.Registry
	logger       *slog.Logger
	running      sync.WaitGroup
}

// start follows a cluster's pods and publishes its nodes' usage until the context ends, whatever goes wrong in between.
func (r *runners) start(ctx context.Context, cluster machines.Cluster) {
	publisher := r.usage
	publisher.Kubeconfig = cluster.Kubeconfig
	if publisher.Every > 0 {
		r.keep(ctx, cluster.Name, publisher.Run)
	}
	r.keep(ctx, cluster.Name, func(ctx context.Context) error {
		runner := &pods.Runner{
			Cluster: cluster.Name, Kubeconfig: cluster.Kubeconfig, Addresses: cluster.Network,
			Tools: r.tools, Folder: filepath.Join(r.state, "pods"), Logs: filepath.Join(r.state, "logs"),
			Registry: r.registry, Logger: r.logger,
		}
		return runner.Run(ctx)
	})
}

// keep something running.
func (r *runners) keep(ctx context.Context, cluster string, run func(context.Context) error) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		for ctx.Err() == nil {
			if err := run(ctx); err != nil {
				r.logger.Warn("runner ended", "cluster", cluster, "problem", err.Error())
				time.Sleep(time.Second)
			}
		}
	}()
}

func (r *runners) wait() { r.running.Wait() }
