// Command lab is an embedded cloud: machines from user data, for clusters that need no cloud.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use: "lab", Short: "An embedded cloud: machines from user data, on loopback addresses",
		SilenceUsage: true, SilenceErrors: true,
	}
	var options daemon.Options
	serve := &cobra.Command{
		Use: "serve", Short: "Run the lab in the foreground", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return daemon.Serve(cmd.Context(), options) },
	}
	serve.Flags().StringVar(&options.State, "state", ".skerry/lab", "folder that holds all of the lab's state")
	serve.Flags().StringVar(&options.Tools, "tools", ".skerry/tools", "folder with the programs that run as processes")
	serve.Flags().StringVar(&options.Traces, "traces", "", "folder with recordings of machines' load (CSV); none makes series up")
	serve.Flags().DurationVar(&options.Sampling, "sampling", 30*time.Second, "how often nodes publish their usage; 0 is never")
	const leases = "node-lease"
	serve.Flags().DurationVar(&options.NodeLease, leases, controlplane.DefaultNodeLease,
		"how long a node's lease lasts; renewed four times in that, which keeps the API server of thousands of nodes busy")
	var machine string
	var nodeLease time.Duration
	server := &cobra.Command{
		Use: "server", Short: "Run one machine's control plane (started by serve)", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return controlplane.Run(cmd.Context(), machine, nodeLease) },
	}
	server.Flags().StringVar(&machine, "machine", "", "the machine's folder")
	server.Flags().DurationVar(&nodeLease, leases, controlplane.DefaultNodeLease, "how long a node's lease lasts")
	root.AddCommand(serve, server)
	return root
}
