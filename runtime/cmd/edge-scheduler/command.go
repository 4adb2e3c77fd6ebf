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

// newCommand is upstream's command (cmd/kube-scheduler/app), with its flags, put together here for one reason: upstream
// lets nobody choose the recorder of events, and the plugins' explanations go into its events.
func newCommand(set *plugins.Set, explanations *explain.Book) *cobra.Command {
	opts := options.NewOptions()
	atOnce := requestsAtOnce
	command := &cobra.Command{
		Use:   "edge-scheduler",
		Short: "The Kubernetes scheduler with Skerry's plugins",
		Long: "The Kubernetes scheduler with plugins for the edge: EdgeProximity, ResourceProfile and LoadAware.\n" +
			"Configuration and flags are those of kube-scheduler, and --requests-at-once.",
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
			completed, sched, err := setUp(ctx, opts, atOnce, set, explanations)
			if err != nil {
				return err
			}
			gates.(featuregate.MutableFeatureGate).AddMetrics()
			opts.ComponentGlobalsRegistry.AddMetrics()
			return app.Run(ctx, completed, sched)
		},
	}
	flags := opts.Flags
	flags.FlagSet("API server").IntVar(&atOnce, "requests-at-once", requestsAtOnce,
		"Bindings, and as many events, that may wait for the API server; the others wait here. 0 lets all wait there, as kube-scheduler does.")
	verflag.AddFlags(flags.FlagSet("global"))
	globalflag.AddGlobalFlags(flags.FlagSet("global"), command.Name(), logs.SkipLoggingConfigurationFlags())
	for _, set := range flags.FlagSets {
		command.Flags().AddFlagSet(set)
	}
	columns, _, _ := term.TerminalSize(command.OutOrStdout())
	cliflag.SetUsageAndHelpFunc(command, *flags, columns)
	// It fails for a flag that is not there alone.
	_ = command.MarkFlagFilename("config", "yaml", "yml", "json")
	return command
}

// setUp is app.Setup with another recorder, and clients that wait for their turn.
func setUp(ctx context.Context, opts *options.Options, atOnce int, set *plugins.Set, explanations *explain.Book) (*schedulerconfig.CompletedConfig, *scheduler.Scheduler, error) {
	defaults, err := latest.Default()
	if err != nil {
		return nil, nil, err
	}
	opts.ComponentConfig = defaults
	if problems := append(opts.Validate(), validateAtOnce(atOnce)...); len(problems) > 0 {
		return nil, nil, utilerrors.NewAggregate(problems)
	}
	incomplete, err := opts.Config(ctx)
	if err != nil {
		return nil, nil, err
	}
	if atOnce > 0 {
		if err := bound(ctx, incomplete, atOnce); err != nil {
			return nil, nil, err
		}
	}
	completed := incomplete.Complete()
	stated := completed.ComponentConfig
	var profiles []config.KubeSchedulerProfile
	sched, err := scheduler.New(ctx, completed.Client, completed.InformerFactory, completed.DynInformerFactory,
		func(name string) events.EventRecorderLogger {
			return explanations.Recorder(completed.EventBroadcaster.NewRecorder(name))
		},
		scheduler.WithComponentConfigVersion(stated.APIVersion),
		scheduler.WithKubeConfig(completed.KubeConfig),
		scheduler.WithProfiles(stated.Profiles...),
		scheduler.WithPercentageOfNodesToScore(stated.PercentageOfNodesToScore),
		scheduler.WithFrameworkOutOfTreeRegistry(set.Registry),
		scheduler.WithPodMaxBackoffSeconds(stated.PodMaxBackoffSeconds),
		scheduler.WithPodInitialBackoffSeconds(stated.PodInitialBackoffSeconds),
		scheduler.WithPodMaxInUnschedulablePodsDuration(completed.PodMaxInUnschedulablePodsDuration),
		scheduler.WithExtenders(stated.Extenders...),
		scheduler.WithParallelism(stated.Parallelism),
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
