package main

import (
	"context"

	"github.com/spf13/cobra"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/tools/events"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/cli/globalflag"
	"k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"
	"k8s.io/component-base/logs"
	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/component-base/term"
	"k8s.io/component-base/version/verflag"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/cmd/kube-scheduler/app"
	schedulerconfig "k8s.io/kubernetes/cmd/kube-scheduler/app/config"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/latest"

	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
)

// newCommand returns upstream's command (cmd/kube-scheduler/app) with its flags. It is assembled here because upstream does
// not allow replacing the event recorder, which adds the explanations of the plugins to events.
func newCommand(set *plugins.Set, explanations *explain.Book) *cobra.Command {
	opts := options.NewOptions()
	maxInflight := defaultMaxInflight
	command := &cobra.Command{
		Use:   "edge-scheduler",
		Short: "The Kubernetes scheduler with Skerry's plugins",
		Long: "The Kubernetes scheduler with plugins for the edge: EdgeProximity, ResourceProfile and LoadAware.\n" +
			"Configuration and flags are those of kube-scheduler, plus --max-inflight-requests.",
		Args: cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return opts.ComponentGlobalsRegistry.Set()
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			verflag.PrintAndExitIfRequested()
			gates := opts.ComponentGlobalsRegistry.FeatureGateFor(compatibility.DefaultKubeComponent)
			if err := logsapi.ValidateAndApply(opts.Logs, gates); err != nil {
				return err
			}
			cliflag.PrintFlags(cmd.Flags())
			ctx := server.SetupSignalContext()
			completed, sched, err := setUp(ctx, opts, maxInflight, set, explanations)
			if err != nil {
				return err
			}
			gates.(featuregate.MutableFeatureGate).AddMetrics()
			opts.ComponentGlobalsRegistry.AddMetrics()
			return app.Run(ctx, completed, sched)
		},
	}
	flags := opts.Flags
	flags.FlagSet("API server").IntVar(&maxInflight, "max-inflight-requests", defaultMaxInflight,
		"The maximum number of bindings in flight to the API server, and separately of events. 0 means no limit, as in kube-scheduler.")
	verflag.AddFlags(flags.FlagSet("global"))
	globalflag.AddGlobalFlags(flags.FlagSet("global"), command.Name(), logs.SkipLoggingConfigurationFlags())
	for _, set := range flags.FlagSets {
		command.Flags().AddFlagSet(set)
	}
	columns, _, _ := term.TerminalSize(command.OutOrStdout())
	cliflag.SetUsageAndHelpFunc(command, *flags, columns)
	// MarkFlagFilename fails only for unknown flags.
	_ = command.MarkFlagFilename("config", "yaml", "yml", "json")
	return command
}

// setUp is upstream's app.Setup with another event recorder and with limited clients.
func setUp(ctx context.Context, opts *options.Options, maxInflight int, set *plugins.Set, explanations *explain.Book) (*schedulerconfig.CompletedConfig, *scheduler.Scheduler, error) {
	defaults, err := latest.Default()
	if err != nil {
		return nil, nil, err
	}
	opts.ComponentConfig = defaults
	if problems := append(opts.Validate(), validateMaxInflight(maxInflight)...); len(problems) > 0 {
		return nil, nil, utilerrors.NewAggregate(problems)
	}
	incomplete, err := opts.Config(ctx)
	if err != nil {
		return nil, nil, err
	}
	if maxInflight > 0 {
		if err := limitInflight(ctx, incomplete, maxInflight); err != nil {
			return nil, nil, err
		}
	}
	completed := incomplete.Complete()
	componentConfig := completed.ComponentConfig
	var profiles []config.KubeSchedulerProfile
	sched, err := scheduler.New(ctx, completed.Client, completed.InformerFactory, completed.DynInformerFactory,
		func(name string) events.EventRecorderLogger {
			return explanations.Recorder(completed.EventBroadcaster.NewRecorder(name))
		},
		scheduler.WithComponentConfigVersion(componentConfig.APIVersion),
		scheduler.WithKubeConfig(completed.KubeConfig),
		scheduler.WithProfiles(componentConfig.Profiles...),
		scheduler.WithPercentageOfNodesToScore(componentConfig.PercentageOfNodesToScore),
		scheduler.WithFrameworkOutOfTreeRegistry(set.Registry),
		scheduler.WithPodMaxBackoffSeconds(componentConfig.PodMaxBackoffSeconds),
		scheduler.WithPodInitialBackoffSeconds(componentConfig.PodInitialBackoffSeconds),
		scheduler.WithPodMaxInUnschedulablePodsDuration(completed.PodMaxInUnschedulablePodsDuration),
		scheduler.WithExtenders(componentConfig.Extenders...),
		scheduler.WithParallelism(componentConfig.Parallelism),
		scheduler.WithBuildFrameworkCapturer(func(profile config.KubeSchedulerProfile) {
			profiles = append(profiles, profile)
		}),
	)
	if err != nil {
		return nil, nil, err
	}
	set.Attach(sched)
	err = options.LogOrWriteConfig(klog.FromContext(ctx), opts.WriteConfigTo, &completed.ComponentConfig, profiles)
	return &completed, sched, err
}
