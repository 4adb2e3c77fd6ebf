package controlplane

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
)

// registerNode registers the server itself as a node, as K3s does, with the control-plane role label.
func (s *server) registerNode(ctx context.Context, client kubernetes.Interface) error {
	node, err := agent.NewNode(s.Hostname, s.Address, s.Hardware, s.config)
	if err != nil {
		return err
	}
	password, err := agent.NodePassword(s.dir)
	if err != nil {
		return err
	}
	node.Labels["node-role.kubernetes.io/control-plane"] = "true"
	return wait.PollUntilContextCancel(ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := ensureNodePassword(ctx, client, s.Hostname, password); err != nil {
			return false, nil
		}
		_, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{FieldManager: "k3s"})
		return err == nil || apierrors.IsAlreadyExists(err), nil
	})
}
