package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/rest"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// parseFlags parses the command-line flags of a component.
func parseFlags(component string, sets cliflag.NamedFlagSets, args []string) error {
	flags := pflag.NewFlagSet(component, pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%s: %w", component, err)
	}
	return nil
}

// extraArgs returns the arguments of a component from the K3s configuration, such as kube-apiserver-arg. Absolute paths are
// those of the machine.
func (s *server) extraArgs(key string) []string {
	var args []string
	for _, argument := range s.config.List(key) {
		name, value, _ := strings.Cut(argument, "=")
		if filepath.IsAbs(value) {
			argument = name + "=" + s.machinePath(value)
		}
		args = append(args, "--"+argument)
	}
	return args
}

func (s *server) apiserverArgs() ([]string, error) {
	args := []string{
		"--etcd-servers=" + urlText(s.etcdURL(etcdClientPort)),
		"--etcd-cafile=" + s.path("tls/etcd/server-ca.crt"),
		"--etcd-certfile=" + s.path("tls/etcd/client.crt"),
		"--etcd-keyfile=" + s.path("tls/etcd/client.key"),
		"--bind-address=" + s.Address,
		"--advertise-address=" + s.Address,
		"--secure-port=" + strconv.Itoa(s.Port),
		"--cert-dir=" + s.path("tls/generated"),
		"--tls-cert-file=" + s.path("tls/serving-kube-apiserver.crt"),
		"--tls-private-key-file=" + s.path("tls/serving-kube-apiserver.key"),
		"--client-ca-file=" + s.path("tls/client-ca.crt"),
		"--kubelet-client-certificate=" + s.path("tls/client-kube-apiserver.crt"),
		"--kubelet-client-key=" + s.path("tls/client-kube-apiserver.key"),
		"--proxy-client-cert-file=" + s.path("tls/client-auth-proxy.crt"),
		"--proxy-client-key-file=" + s.path("tls/client-auth-proxy.key"),
		"--requestheader-client-ca-file=" + s.path("tls/request-header-ca.crt"),
		"--requestheader-allowed-names=system:auth-proxy",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + s.path("tls/service.key"),
		"--service-account-signing-key-file=" + s.path("tls/service.key"),
		"--service-cluster-ip-range=" + s.serviceCIDR(),
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--enable-bootstrap-token-auth=true",
		"--anonymous-auth=false",
		"--allow-privileged=true",
		"--profiling=false",
		// Endpoints must not be loopback addresses, so service "kubernetes" has none; nothing in the lab reads them.
		"--endpoint-reconciler-type=none",
	}
	tokens, err := s.writeTokens()
	if err != nil {
		return nil, err
	}
	args = append(args, "--token-auth-file="+tokens)
	if s.config.Bool("secrets-encryption") {
		args = append(args, "--encryption-provider-config="+s.path(encryptionConfigFile))
	}
	return append(args, s.extraArgs("kube-apiserver-arg")...), nil
}

// runAPIServer serves the Kubernetes API and, on the same port, the paths that K3s agents use to join.
func (s *server) runAPIServer(ctx context.Context, supervisor http.Handler) error {
	run := options.NewServerRunOptions()
	args, err := s.apiserverArgs()
	if err != nil {
		return err
	}
	if err := parseFlags("kube-apiserver", run.Flags(), args); err != nil {
		return err
	}
	if err := run.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completedOptions, err := run.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completedOptions.Validate(); len(errs) > 0 {
		return utilerrors.NewAggregate(errs)
	}
	config, err := app.NewConfig(completedOptions)
	if err != nil {
		return err
	}
	generic := config.Aggregator.GenericConfig
	chain := generic.BuildHandlerChainFunc
	generic.BuildHandlerChainFunc = func(handler http.Handler, c *genericapiserver.Config) http.Handler {
		return withSupervisor(supervisor, chain(handler, c))
	}
	completed, err := config.Complete()
	if err != nil {
		return err
	}
	chained, err := app.CreateServerChain(completed)
	if err != nil {
		return err
	}
	prepared, err := chained.PrepareRun()
	if err != nil {
		return err
	}
	return prepared.Run(ctx)
}

// encryptionConfigFile is the encryption configuration of Secrets, which is part of the bootstrap data.
const encryptionConfigFile = "cred/encryption-config.json"
