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

// apiStartTimeout limits how long the API server takes to become ready.
const apiStartTimeout = 90 * time.Second

// AdminKubeconfig is the path of the administrator's kubeconfig in a machine's directory.
const AdminKubeconfig = "server/admin.kubeconfig"

// DefaultNodeLease is the default lease duration of a kubelet (nodeLeaseDurationSeconds in its configuration).
const DefaultNodeLease = 40 * time.Second

// Run runs the control plane of the machine in a directory until the context ends or a component fails. Nodes renew their
// leases every quarter of nodeLease. A node becomes not ready ten seconds after its lease has expired.
func Run(ctx context.Context, dir string, nodeLease time.Duration) error {
	s, err := load(dir, nodeLease)
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
	if err := s.checkServerToken(ctx); err != nil {
		return err
	}
	supervisor, err := s.supervisor()
	if err != nil {
		return err
	}
	return runAll(ctx,
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
	return runAll(ctx,
		component{"kube-controller-manager", s.runControllerManager},
		component{"kube-scheduler", s.runScheduler},
		component{"kwok", s.runKWOK},
		component{"node", func(ctx context.Context) error {
			if err := s.registerNode(ctx, client); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		}},
		component{"node passwords", func(ctx context.Context) error { return runNodePasswords(ctx, client) }},
		component{"local-path", func(ctx context.Context) error { return s.runLocalPath(ctx, client) }},
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
