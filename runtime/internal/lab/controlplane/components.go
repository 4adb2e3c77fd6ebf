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

// leaseGrace is the time between the expiry of a lease and the node becoming not ready. With leases of 40 s, the sum is
// upstream's default of 50 s.
const leaseGrace = 10 * time.Second

// runControllerManager runs kube-controller-manager, on the elected server only.
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
		"--node-monitor-grace-period=" + (s.settings.NodeLease + leaseGrace).String(),
		"--kube-api-qps=200", "--kube-api-burst=400",
		"--profiling=false",
	}, s.extraArgs("kube-controller-manager-arg")...)
	if err := parseFlags("kube-controller-manager", sets, args); err != nil {
		return err
	}
	options.ParsedFlags = &sets
	config, err := options.Config(ctx, all, disabled, aliases)
	if err != nil {
		return err
	}
	return controllermanager.Run(ctx, config.Complete())
}

// runScheduler runs kube-scheduler, the default scheduler, on the elected server only.
func (s *server) runScheduler(ctx context.Context) error {
	options := scheduleroptions.NewOptions()
	args := append([]string{
		"--kubeconfig=" + s.path("scheduler.kubeconfig"),
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=200", "--kube-api-burst=400",
		"--profiling=false",
	}, s.extraArgs("kube-scheduler-arg")...)
	if err := parseFlags("kube-scheduler", *options.Flags, args); err != nil {
		return err
	}
	config, instance, err := scheduler.Setup(ctx, options)
	if err != nil {
		return err
	}
	return scheduler.Run(ctx, config, instance)
}

// component is one component of a control plane. When one ends, all end, and the lab restarts the control plane.
type component struct {
	name string
	run  func(context.Context) error
}

// shutdownTimeout limits how long components may take to end after the first has ended. An API server without etcd would wait
// for its clients for a minute.
const shutdownTimeout = 5 * time.Second

// runAll runs components until the first of them ends, and returns its error.
func runAll(ctx context.Context, components ...component) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(components))
	for _, component := range components {
		go func() {
			err := component.run(ctx)
			if err != nil {
				err = fmt.Errorf("%s: %w", component.name, err)
			} else if ctx.Err() == nil {
				err = fmt.Errorf("%s ended unexpectedly", component.name)
			}
			ended <- err
		}()
	}
	errs := []error{<-ended}
	cancel()
	timeout := time.After(shutdownTimeout)
	for range components[1:] {
		select {
		case err := <-ended:
			errs = append(errs, err)
		case <-timeout:
			return utilerrors.NewAggregate(errs)
		}
	}
	return utilerrors.NewAggregate(errs)
}
