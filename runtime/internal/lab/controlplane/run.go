package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

// How long the API server may take to be ready.
const apiStart = 90 * time.Second

// AdminKubeconfig is where a machine's own administrator kubeconfig lies, below its folder.
const AdminKubeconfig = "server/admin.kubeconfig"

// DefaultNodeLease is how long a kubelet's lease lasts by default (nodeLeaseDurationSeconds in its configuration).
const DefaultNodeLease = 40 * time.Second

// Run runs the control plane of the machine in the folder until the context ends or a part of it fails. Nodes hold leases
// of so long, and renew them four times in that; a node whose lease is over for ten seconds is no longer ready.
func Run(ctx context.Context, folder string, nodeLease time.Duration) error {
	s, err := load(folder, nodeLease)
	if err != nil {
		return err
	}
	if err := s.writeCertificates(); err != nil {
		return err
	}
	stopEtcd, err := s.startEtcd(ctx)
	if err != nil {
		return err
	}
	defer stopEtcd()
	return all(ctx,
		component{"kube-apiserver", func(ctx context.Context) error { return s.runAPIServer(ctx, s.supervisor()) }},
		component{"control plane", s.runBehindAPI},
	)
}

// runBehindAPI runs what needs the API, once it answers.
func (s *server) runBehindAPI(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", s.path("admin.kubeconfig"))
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := waitReady(ctx, config); err != nil {
		return err
	}
	klog.InfoS("API ready", "cluster", s.Name, "url", s.url())
	return all(ctx,
		component{"kube-controller-manager", s.runControllerManager},
		component{"kube-scheduler", s.runScheduler},
		component{"kwok", s.runKWOK},
		component{"node", func(ctx context.Context) error {
			if err := s.registerOwnNode(ctx, client); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		}},
		component{"local-path", func(ctx context.Context) error { return s.runLocalPath(ctx, client) }},
	)
}

func waitReady(ctx context.Context, config *rest.Config) error {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, apiStart, true, func(ctx context.Context) (bool, error) {
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
		return fmt.Errorf("the API server was not ready within %s: %w", apiStart, err)
	}
	return nil
}
