// Command edge-scheduler runs the Kubernetes scheduler with Skerry's plugins.
package main

import (
	"context"
	"os"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register" // --logging-format=json
	"k8s.io/component-base/metrics/legacyregistry"
	// Upstream's metrics of API requests, leader election and version.
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
	pluginClock := newClock(os.Getenv(clockOffsetFile))
	environment := plugins.Environment{
		Clock: pluginClock, Links: plugins.LinksFromFiles(clock.RealClock{}), Profiles: openProfiles(pluginClock),
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

// openProfiles returns a function that opens the profiles of the cluster's nodes.
func openProfiles(clock clock.PassiveClock) func(context.Context, fwk.Handle) (load.Source, error) {
	return func(ctx context.Context, handle fwk.Handle) (load.Source, error) {
		source := profiles.NewSource(clock)
		core := handle.SharedInformerFactory().Core().V1()
		go source.PollMetricsServer(ctx, handle.ClientSet(), core.Nodes().Lister(), core.Pods().Lister())
		return source, source.Watch(ctx, handle.KubeConfig())
	}
}
