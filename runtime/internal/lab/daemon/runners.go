package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/skerry-dev/skerry/runtime/internal/lab/machines"
	"github.com/skerry-dev/skerry/runtime/internal/lab/pods"
)

// runners run local programs in each cluster that is up.
type runners struct {
	tools, state string
	registry     *pods.Registry
	logger       *slog.Logger
	running      sync.WaitGroup
}

func newRunners(tools, state string, registry *pods.Registry, logger *slog.Logger) *runners {
	return &runners{tools: tools, state: state, registry: registry, logger: logger}
}

// start follows a cluster's pods until the context ends, whatever goes wrong in between.
func (r *runners) start(ctx context.Context, cluster machines.Cluster) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		for ctx.Err() == nil {
			runner := &pods.Runner{
				Cluster: cluster.Name, Kubeconfig: cluster.Kubeconfig, Addresses: cluster.Network,
				Tools: r.tools, Folder: filepath.Join(r.state, "pods"), Logs: filepath.Join(r.state, "logs"),
				Registry: r.registry, Logger: r.logger,
			}
			if err := runner.Run(ctx); err != nil {
				r.logger.Warn("runner ended", "cluster", cluster.Name, "problem", err.Error())
				time.Sleep(time.Second)
			}
		}
	}()
}

func (r *runners) wait() { r.running.Wait() }
