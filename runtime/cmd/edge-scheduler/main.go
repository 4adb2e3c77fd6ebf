// Command edge-scheduler is the Kubernetes scheduler with Skerry's plugins.
package main

import (
	"context"
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register" // --logging-format=json
	"k8s.io/component-base/metrics/legacyregistry"
	// Metrics that upstream's scheduler has too: of its requests, its lease and its version.
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/utils/clock"

	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/profiles"
)

func main() {
	metrics := observe.New()
	legacyregistry.MustRegister(metrics.All()...)
	explanations := &explain.Book{}
	time := clockFrom(os.Getenv(clockOffsetFile))
	environment := plugins.Environment{
		Clock: time, Links: plugins.LinksFromFile(clock.RealClock{}), Profiles: profilesBy(time),
		Metrics: metrics, Explanations: explanations,
	}
	command := newCommand(environment.Set(), explanations)
	args, cleanup, err := withKubeconfig(os.Args[1:], os.Getenv("KUBECONFIG"))
	if err != nil {
		command.PrintErrln("error:", err)
		os.Exit(1)
	}
	command.SetArgs(args)
	code := cli.Run(command)
	cleanup()
	os.Exit(code)
}

// profilesBy a clock follows what the cluster says of its nodes.
func profilesBy(time clock.PassiveClock) func(context.Context, fwk.Handle) (load.Source, error) {
	return func(ctx context.Context, handle fwk.Handle) (load.Source, error) {
		board := profiles.NewSource(time)
		core := handle.SharedInformerFactory().Core().V1()
		go board.PollMetricsServer(ctx, handle.ClientSet(), core.Nodes().Lister(), core.Pods().Lister())
		return board, board.Watch(ctx, handle.KubeConfig())
	}
}
