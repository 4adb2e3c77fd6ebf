package controlplane

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/types"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
)

// Annotations of K3s on the Nodes of servers, and the finalizer that delays the deletion of a Node until its etcd member has
// been removed. Source: K3s, pkg/etcd.
const (
	memberNameAnnotation    = "etcd.k3s.cattle.io/node-name"
	memberAddressAnnotation = "etcd.k3s.cattle.io/node-address"
	removeMemberAnnotation  = "etcd.k3s.cattle.io/remove"
	removedMemberAnnotation = "etcd.k3s.cattle.io/removed-node-name"
	memberFinalizer         = "wrangler.cattle.io/managed-etcd-controller"
	// voterCondition tells whether the etcd member of a Node votes.
	voterCondition corev1.NodeConditionType = "EtcdIsVoter"
)

const (
	memberInterval = time.Second
	// learnerStall is how long a learner may be unreachable before it is removed, because etcd accepts one learner at a time.
	learnerStall = time.Minute
)

// manageMembers removes the etcd members of servers whose Nodes are deleted or request it. The server with etcd's leader does
// this for all servers.
func (s *server) manageMembers(ctx context.Context, client kubernetes.Interface) error {
	stalled := map[types.ID]time.Time{}
	ticker := time.NewTicker(memberInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if !s.etcd.isLeader() {
			clear(stalled)
			continue
		}
		nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: etcdLabel, ResourceVersion: "0"})
		if err != nil {
			continue
		}
		for _, node := range nodes.Items {
			if err := s.manageMember(ctx, client, &node); err != nil && ctx.Err() == nil {
				klog.ErrorS(err, "Failed to manage the etcd member; retrying", "node", node.Name)
			}
		}
		s.removeStalledLearners(ctx, stalled)
	}
}

// manageMember does what the Node of a server requests, and records whether its member votes.
func (s *server) manageMember(ctx context.Context, client kubernetes.Interface, node *corev1.Node) error {
	name := node.Annotations[memberNameAnnotation]
	deleted := node.DeletionTimestamp != nil && slices.Contains(node.Finalizers, memberFinalizer)
	requested := strings.EqualFold(node.Annotations[removeMemberAnnotation], "true") && node.Annotations[removedMemberAnnotation] == ""
	if deleted || requested {
		if err := s.removeMember(ctx, name); err != nil {
			return err
		}
	}
	updated := node.DeepCopy()
	if deleted {
		updated.Finalizers = slices.DeleteFunc(updated.Finalizers, func(each string) bool { return each == memberFinalizer })
	} else if requested {
		updated.Annotations[removedMemberAnnotation] = name
	}
	if deleted || requested {
		klog.InfoS("Removed an etcd member", "member", name)
		_, err := client.CoreV1().Nodes().Update(ctx, updated, metav1.UpdateOptions{FieldManager: "k3s"})
		return err
	}
	return s.recordVoter(ctx, client, updated, s.etcd.Server.Cluster().Members())
}

// removeMember removes a member from etcd. It does nothing if the member is gone.
func (s *server) removeMember(ctx context.Context, name string) error {
	members := s.etcd.Server.Cluster().Members()
	at := slices.IndexFunc(members, func(each *membership.Member) bool { return each.Name == name })
	if at == -1 {
		return nil
	}
	if len(members) == 1 {
		return fmt.Errorf("%s is the only member of etcd", name)
	}
	ctx, cancel := context.WithTimeout(ctx, memberCallTimeout)
	defer cancel()
	if members[at].ID == s.etcd.Server.MemberID() {
		// This server could not record its own removal, because its etcd stops. The next leader removes it.
		other := slices.IndexFunc(members, func(each *membership.Member) bool { return each.Name != name && !each.IsLearner })
		if other == -1 {
			return fmt.Errorf("%s is the only voting member of etcd", name)
		}
		if err := s.etcd.Server.MoveLeader(ctx, s.etcd.Server.Lead(), uint64(members[other].ID)); err != nil {
			return fmt.Errorf("moving the leader to %s: %w", members[other].Name, err)
		}
		return fmt.Errorf("moved the leader to %s, which removes %s", members[other].Name, name)
	}
	_, err := s.etcd.Server.RemoveMember(ctx, uint64(members[at].ID))
	return err
}

// recordVoter sets the condition EtcdIsVoter of a Node if it changed.
func (s *server) recordVoter(ctx context.Context, client kubernetes.Interface, node *corev1.Node, members []*membership.Member) error {
	condition := corev1.NodeCondition{
		Type: voterCondition, Status: corev1.ConditionFalse, Reason: "MemberNotFound", Message: "Node is not a member of the etcd cluster",
		LastHeartbeatTime: metav1.Now(), LastTransitionTime: metav1.Now(),
	}
	for _, each := range members {
		if each.Name != node.Annotations[memberNameAnnotation] {
			continue
		}
		condition.Reason, condition.Message = "MemberIsLearner", "Node has not been promoted to voting member of the etcd cluster"
		if !each.IsLearner {
			condition.Status, condition.Reason = corev1.ConditionTrue, "MemberNotLearner"
			condition.Message = "Node is a voting member of the etcd cluster"
		}
	}
	at := slices.IndexFunc(node.Status.Conditions, func(each corev1.NodeCondition) bool { return each.Type == voterCondition })
	switch {
	case at == -1:
		node.Status.Conditions = append(node.Status.Conditions, condition)
	case node.Status.Conditions[at].Reason == condition.Reason:
		return nil
	default:
		node.Status.Conditions[at] = condition
	}
	_, err := client.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{FieldManager: "k3s"})
	return err
}

// removeStalledLearners removes the learners that have been unreachable for learnerStall, as K3s does.
func (s *server) removeStalledLearners(ctx context.Context, stalled map[types.ID]time.Time) {
	for _, each := range s.etcd.Server.Cluster().Members() {
		if !each.IsLearner || isReachable(ctx, each) {
			delete(stalled, each.ID)
			continue
		}
		since, known := stalled[each.ID]
		if !known {
			stalled[each.ID] = time.Now()
			continue
		}
		if time.Since(since) < learnerStall {
			continue
		}
		klog.InfoS("Removing a learner that is unreachable", "member", each.Name, "id", each.ID)
		ctx, cancel := context.WithTimeout(ctx, memberCallTimeout)
		if _, err := s.etcd.Server.RemoveMember(ctx, uint64(each.ID)); err != nil {
			klog.ErrorS(err, "Failed to remove the learner; retrying", "member", each.Name)
		}
		cancel()
	}
}

// isReachable reports whether a member accepts connections of its peers.
func isReachable(ctx context.Context, member *membership.Member) bool {
	for _, text := range member.PeerURLs {
		peer, err := url.Parse(text)
		if err != nil {
			continue
		}
		connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", peer.Host)
		if err == nil {
			_ = connection.Close()
			return true
		}
	}
	return false
}
