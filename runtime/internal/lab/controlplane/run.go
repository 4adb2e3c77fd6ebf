package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// apiStartTimeout limits how long the API server takes to become ready.
const apiStartTimeout = 90 * time.Second

const (
	// AdminKubeconfig is the path, in a machine's directory, of the administrator's kubeconfig for this server.
	AdminKubeconfig = "server/admin.kubeconfig"
	// ClusterKubeconfig is the path, in a cluster's directory, of the administrator's kubeconfig for the cluster's address.
	ClusterKubeconfig = "kubeconfig"
)

// Run runs the server of the machine in a directory until the context ends or a component fails. A server that was removed
// from its cluster waits until the context ends.
func Run(ctx context.Context, dir string, settings Settings) error {
	s, err := load(dir, settings)
	if err != nil {
		return err
	}
	if err := s.writeCertificates(); err != nil {
		return err
	}
	s.etcd, err = s.startEtcd(ctx)
	if errors.Is(err, errRemoved) {
		s.report("removed", "this server was removed from etcd; delete the machine")
		<-ctx.Done()
		return nil
	}
	if err != nil {
		return err
	}
	defer s.etcd.Close()
	if err := s.openBootstrapData(ctx); err != nil {
		return err
	}
	supervisor, err := s.supervisor()
	if err != nil {
		return err
	}
	s.report("booting", "the API server is starting")
	return runAll(ctx,
		component{"etcd", s.etcd.watch},
		component{"kube-apiserver", func(ctx context.Context) error { return s.runAPIServer(ctx, supervisor) }},
		component{"control plane", s.runClients},
	)
}

// runClients runs the components that need the API server, once it is ready.
func (s *server) runClients(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", s.path("admin.kubeconfig"))
	if err != nil {
		return err
	}
	config.QPS = -1
	var client kubernetes.Interface
	if client, err = kubernetes.NewForConfig(config); err != nil {
		return err
	}
	if err := waitReady(ctx, config); err != nil {
		return err
	}
	s.api.Store(&client)
	klog.InfoS("API server is ready", "cluster", s.Name, "url", s.url())
	s.report(ReportStarted, "")
	return runAll(ctx,
		s.elected("kube-controller-manager", "controller.kubeconfig", s.runControllerManager),
		s.elected("kube-scheduler", "scheduler.kubeconfig", s.runScheduler),
		component{"snapshots", s.runSnapshots},
		component{"etcd members", func(ctx context.Context) error { return s.manageMembers(ctx, client) }},
		component{"node", func(ctx context.Context) error {
			if err := s.registerNode(ctx, client); err != nil {
				return err
			}
			return s.simulateOwnNode(ctx)
		}},
		s.simulating("agents", func(ctx context.Context) error {
			return runAll(ctx,
				component{"kwok", s.simulateAgents},
				component{"node passwords", func(ctx context.Context) error { return runNodePasswords(ctx, client) }},
				component{"local-path", func(ctx context.Context) error { return s.runLocalPath(ctx, client) }},
			)
		}),
	)
}

func waitReady(ctx context.Context, config *rest.Config) error {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, apiStartTimeout, true, func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, config.Host+"/readyz", nil)
		if err != nil {
			return false, err
		}
		response, err := client.Do(request)
		if err != nil {
			return false, nil
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		return fmt.Errorf("API server not ready within %s: %w", apiStartTimeout, err)
	}
	return nil
}
