// Command lab runs an embedded cloud: it creates machines from user data, so that clusters need no cloud provider.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/skerry-dev/skerry/runtime/internal/lab/controlplane"
	"github.com/skerry-dev/skerry/runtime/internal/lab/daemon"
	"github.com/skerry-dev/skerry/runtime/internal/lab/k3supgrade"
	"github.com/skerry-dev/skerry/runtime/internal/lab/kubectl"
	"github.com/skerry-dev/skerry/runtime/internal/lab/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "lab", Short: "An embedded cloud that creates machines from user data, on loopback addresses",
		SilenceUsage: true, SilenceErrors: true,
	}
	var options daemon.Options
	serve := &cobra.Command{
		Use: "serve", Short: "Run the lab in the foreground", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return daemon.Serve(cmd.Context(), options) },
	}
	serve.Flags().StringVar(&options.StateDir, "state-dir", ".skerry/lab", "directory of all state of the lab")
	serve.Flags().StringVar(&options.ToolsDir, "tools-dir", ".skerry/tools", "directory of the programs that run as processes")
	serve.Flags().StringVar(&options.TracesDir, "traces-dir", "",
		"directory of recorded machine usage (CSV); if empty, usage is generated")
	serve.Flags().DurationVar(&options.SamplingInterval, "sampling-interval", 30*time.Second,
		"interval at which nodes publish their usage; 0 disables publishing")
	options.Settings.AddFlags(serve.Flags())
	var machineDir string
	var settings controlplane.Settings
	var restore controlplane.RestoreOptions
	server := &cobra.Command{
		Use: "server", Short: "Run one server machine (started by serve)", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if restore.Snapshot != "" {
				return controlplane.Restore(cmd.Context(), machineDir, restore, settings)
			}
			return controlplane.Run(cmd.Context(), machineDir, settings)
		},
	}
	server.Flags().StringVar(&machineDir, "machine-dir", "", "directory of the machine")
	server.Flags().StringVar(&restore.Snapshot, "restore-snapshot", "", "name of a snapshot to restore; the server is not started")
	server.Flags().StringVar(&restore.ID, "restore-id", "", "id of the restore")
	settings.AddFlags(server.Flags())
	k3s := &cobra.Command{Use: "k3s", Short: "K3s in the image of its upgrades (started by pods)", Hidden: true}
	k3s.AddCommand(kubectl.NewCommand())
	enter := &cobra.Command{
		Use: sandbox.Subcommand + " SPEC", Short: "Run a program in a sandbox (started by pods)", Args: cobra.ExactArgs(1), Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error { return sandbox.Enter(args[0]) },
	}
	root.AddCommand(serve, server, k3s, enter, kubectl.NewCommand(), k3supgrade.NewCommand())
	return root
}
