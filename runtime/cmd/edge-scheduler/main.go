// Command edge-scheduler is the Kubernetes scheduler with Skerry's plugins.
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-scheduler/app"
	"k8s.io/utils/clock"

	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
)

func main() {
	var options []app.Option
	for name, factory := range (plugins.Environment{Clock: clock.RealClock{}}).Registry() {
		options = append(options, app.WithPlugin(name, factory))
	}
	command := app.NewSchedulerCommand(options...)
	command.Use = "edge-scheduler"
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
