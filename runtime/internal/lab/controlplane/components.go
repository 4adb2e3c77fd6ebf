package controlplane

import (
	"context"
	"fmt"
	"time"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	controlleroptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// leaseGrace is how long after its lease a node is still taken to be ready: with leases of 40 s, upstream's 50 s in all.
const leaseGrace = 10 * time.Second

// runControllerManager runs Kubernetes' own controllers, as K3s does: without an election, for there is one server.
func (s *server) runControllerManager(ctx context.Context) error {
	options, err := controlleroptions.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	all, disabled, aliases := controllermanager.KnownControllers(), controllermanager.ControllersDisabledByDefault(), controllermanager.ControllerAliases()
	sets := options.Flags(all, disabled, aliases)
	args := append([]string{
		"--kubeconfig=" + s.path("controller.kubeconfig"),
		"--secure-port=0",
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + s.path("tls/service.key"),
		"--root-ca-file=" + s.path("tls/server-ca.crt"),
		"--cluster-signing-cert-file=" + s.path("tls/client-ca.nochain.crt"),
		"--cluster-signing-key-file=" + s.path("tls/client-ca.key"),
		"--allocate-node-cidrs=true",
		"--cluster-cidr=" + s.clusterCIDR(),
		"--service-cluster-ip-range=" + s.serviceCIDR(),
		"--node-monitor-grace-period=" + (s.nodeLease + leaseGrace).String(),
		"--kube-api-qps=200", "--kube-api-burst=400",
		"--profiling=false",
	}, s.extra("kube-controller-manager-arg")...)
	if err := flagsOf("kube-controller-manager", sets, args); err != nil {
		return err
	}
	options.ParsedFlags = &sets
	config, err := options.Config(ctx, all, disabled, aliases)
	if err != nil {
		return err
	}
	return controllermanager.Run(ctx, config.Complete())
}

// runScheduler runs the default scheduler, which places what names no other.
func (s *server) runScheduler(ctx context.Context) error {
	options := scheduleroptions.NewOptions()
	args := append([]string{
		"--kubeconfig=" + s.path("scheduler.kubeconfig"),
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=200", "--kube-api-burst=400",
		"--profiling=false",
	}, s.extra("kube-scheduler-arg")...)
	if err := flagsOf("kube-scheduler", *options.Flags, args); err != nil {
		return err
	}
	config, instance, err := scheduler.Setup(ctx, options)
	if err != nil {
		return err
	}
	return scheduler.Run(ctx, config, instance)
}

// component is one part of a control plane; when one ends, all end and the lab starts the whole anew.
type component struct {
	name string
	run  func(context.Context) error
}

// all runs components until the first of them ends, and returns why.
func all(ctx context.Context, components ...component) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(components))
	for _, each := range components {
		go func() {
			err := each.run(ctx)
			if err != nil {
				err = fmt.Errorf("%s: %w", each.name, err)
			} else if ctx.Err() == nil {
				err = fmt.Errorf("%s ended", each.name)
			}
			ended <- err
		}()
	}
	var problems []error
	for range components {
		if err := <-ended; err != nil {
			problems = append(problems, err)
		}
		cancel()
	}
	return utilerrors.NewAggregate(problems)
}
