package controlplane

import (
	"context"
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"

	"github.com/skerry-dev/skerry/runtime/internal/lab/agent"
)

// Labels that K3s sets on the Node of a server with etcd.
const (
	controlPlaneLabel = "node-role.kubernetes.io/control-plane"
	etcdLabel         = "node-role.kubernetes.io/etcd"
)

// registerNode registers the server itself as a node, as K3s does, with the labels of its roles and the name of its etcd
// member. It waits while the Node of a deleted machine with the same hostname is being deleted.
func (s *server) registerNode(ctx context.Context, client kubernetes.Interface) error {
	node, err := agent.NewNode(s.Hostname, s.Address, s.Hardware, s.config, s.k3s)
	if err != nil {
		return err
	}
	password, err := agent.NodePassword(s.dir)
	if err != nil {
		return err
	}
	// Its last segment identifies the machine, as on AWS.
	node.Spec.ProviderID = "lab://" + s.Name + "/" + s.MachineID
	node.Labels[controlPlaneLabel], node.Labels[etcdLabel] = "true", "true"
	node.Annotations = map[string]string{memberNameAnnotation: s.memberName(), memberAddressAnnotation: s.Address}
	node.Finalizers = []string{memberFinalizer}
	return wait.PollUntilContextCancel(ctx, 200*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := ensureNodePassword(ctx, client, s.Hostname, password); err != nil {
			return false, nil
		}
		_, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{FieldManager: "k3s"})
		if apierrors.IsAlreadyExists(err) {
			err = s.updateNode(ctx, client, node)
		}
		if err != nil {
			klog.V(1).InfoS("Node not registered yet", "reason", err)
		}
		return err == nil, nil
	})
}

// updateNode writes the name of this server's etcd member and its version to its existing Node. A new member ends the removal of an earlier
// one.
func (s *server) updateNode(ctx context.Context, client kubernetes.Interface, node *corev1.Node) error {
	existing, err := client.CoreV1().Nodes().Get(ctx, node.Name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if existing.DeletionTimestamp != nil {
		return fmt.Errorf("Node %s is being deleted", node.Name)
	}
	updated := existing.DeepCopy()
	if updated.Annotations == nil {
		updated.Annotations = map[string]string{}
	}
	if removed := updated.Annotations[removedMemberAnnotation]; removed != "" && removed != s.memberName() {
		delete(updated.Annotations, removeMemberAnnotation)
		delete(updated.Annotations, removedMemberAnnotation)
	}
	maps.Copy(updated.Annotations, node.Annotations)
	if !maps.Equal(updated.Annotations, existing.Annotations) {
		if _, err = client.CoreV1().Nodes().Update(ctx, updated, metav1.UpdateOptions{FieldManager: "k3s"}); err != nil {
			return err
		}
	}
	return agent.ReportVersion(ctx, client, node.Name, s.k3s)
}
