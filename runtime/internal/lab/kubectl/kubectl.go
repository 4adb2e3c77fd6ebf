// Package kubectl is the part of kubectl that upgrades of nodes need, from the same code.
package kubectl

import (
	"os"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/kubectl/pkg/cmd/drain"
	"k8s.io/kubectl/pkg/cmd/get"
	"k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/cmd/wait"
)

// NewCommand returns kubectl with the commands get, wait, cordon, uncordon and drain.
func NewCommand() *cobra.Command {
	root := &cobra.Command{Use: "kubectl", Short: "kubectl for the pods of the lab", Hidden: true}
	flags := genericclioptions.NewConfigFlags(true)
	flags.AddFlags(root.PersistentFlags())
	factory := util.NewFactory(flags)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	root.AddCommand(
		get.NewCmdGet("kubectl", factory, streams),
		wait.NewCmdWait(flags, streams),
		drain.NewCmdCordon(factory, streams),
		drain.NewCmdUncordon(factory, streams),
		drain.NewCmdDrain(factory, streams),
	)
	return root
}
