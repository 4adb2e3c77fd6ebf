package controlplane

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

const machineID = "0123456789abcdef0123456789abcdef"

func testServer(hostname, id string) *server {
	return &server{Spec: Spec{Hostname: hostname, MachineID: id, Address: "127.9.2.1"}}
}

func TestAServerJoinsOnlyBesideOtherMachines(t *testing.T) {
	s := testServer("tokyo-server-01", machineID)
	peer := s.etcdURL(etcdPeerPort)
	for name, test := range map[string]struct {
		member  memberInfo
		aborted bool
		message string
	}{
		"another server":                         {member: memberInfo{Name: "tokyo-server-02-aaaaaaaa", PeerURLs: []string{"https://127.9.2.2:2380"}}},
		"a hostname that starts alike":           {member: memberInfo{Name: "tokyo-server-01-b-aaaaaaaa", PeerURLs: []string{"https://127.9.2.3:2380"}}},
		"its own member":                         {member: memberInfo{Name: s.memberName(), PeerURLs: []string{peer.String()}}, aborted: true},
		"its own member, which never started":    {member: memberInfo{PeerURLs: []string{peer.String()}}, aborted: true},
		"the machine that it replaces":           {member: memberInfo{Name: "tokyo-server-01-aaaaaaaa", PeerURLs: []string{"https://127.9.2.9:2380"}}, message: "tokyo-server-01-aaaaaaaa"},
		"a machine that had its address":         {member: memberInfo{Name: "tokyo-server-03-aaaaaaaa", PeerURLs: []string{peer.String()}}, message: "delete the Node"},
		"a member without a name, another place": {member: memberInfo{PeerURLs: []string{"https://127.9.2.4:2380"}}},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.checkMember(test.member, peer.String())
			if errors.Is(err, errAbortedJoin) != test.aborted {
				t.Errorf("got %v, want an aborted join: %v", err, test.aborted)
			}
			refused := err != nil && !errors.Is(err, errAbortedJoin)
			if refused != (test.message != "") || refused && !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want a message with %q", err, test.message)
			}
		})
	}
}

func TestTheNodeOfAServerDescribesItsMember(t *testing.T) {
	s := testServer("tokyo-server-01", machineID)
	client := fake.NewClientset()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.registerNode(ctx, client); err != nil {
		t.Fatal(err)
	}
	node, err := client.CoreV1().Nodes().Get(ctx, s.Hostname, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if node.Labels[etcdLabel] != "true" || node.Annotations[memberNameAnnotation] != "tokyo-server-01-01234567" || node.Finalizers[0] != memberFinalizer {
		t.Errorf("labels %v, annotations %v, finalizers %v", node.Labels, node.Annotations, node.Finalizers)
	}

	// Another machine takes the Node over after the member of this one was removed: the removal is over.
	node.Annotations[removeMemberAnnotation], node.Annotations[removedMemberAnnotation] = "true", s.memberName()
	if _, err := client.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.registerNode(ctx, client); err != nil {
		t.Fatal(err)
	}
	node, _ = client.CoreV1().Nodes().Get(ctx, s.Hostname, metav1.GetOptions{})
	if node.Annotations[removedMemberAnnotation] == "" {
		t.Error("the removed member itself must not end its removal")
	}
	next := testServer(s.Hostname, "ffffffff"+machineID[8:])
	if err := next.registerNode(ctx, client); err != nil {
		t.Fatal(err)
	}
	node, _ = client.CoreV1().Nodes().Get(ctx, s.Hostname, metav1.GetOptions{})
	if _, found := node.Annotations[removeMemberAnnotation]; found || node.Annotations[memberNameAnnotation] != next.memberName() {
		t.Errorf("annotations of the next machine: %v", node.Annotations)
	}
}

func TestAServerWaitsForTheDeletionOfTheNodeOfItsPredecessor(t *testing.T) {
	s := testServer("tokyo-server-01", machineID)
	now := metav1.Now()
	client := fake.NewClientset(&corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: s.Hostname, DeletionTimestamp: &now, Finalizers: []string{memberFinalizer},
	}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.registerNode(ctx, client); err == nil {
		t.Error("the server took over a Node that is being deleted")
	}
}

func TestANodeTellsWhetherItsMemberVotes(t *testing.T) {
	s := testServer("tokyo-server-01", machineID)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: s.Hostname, Annotations: map[string]string{memberNameAnnotation: s.memberName()},
	}}
	client := fake.NewClientset(node)
	own := membership.Member{Attributes: membership.Attributes{Name: s.memberName()}}
	learner := own
	learner.IsLearner = true
	for _, test := range []struct {
		members []*membership.Member
		want    corev1.ConditionStatus
		reason  string
	}{
		{[]*membership.Member{&learner}, corev1.ConditionFalse, "MemberIsLearner"},
		{[]*membership.Member{&own}, corev1.ConditionTrue, "MemberNotLearner"},
		{nil, corev1.ConditionFalse, "MemberNotFound"},
	} {
		current, err := client.CoreV1().Nodes().Get(t.Context(), s.Hostname, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.recordVoter(t.Context(), client, current, test.members); err != nil {
			t.Fatal(err)
		}
		current, _ = client.CoreV1().Nodes().Get(t.Context(), s.Hostname, metav1.GetOptions{})
		if len(current.Status.Conditions) != 1 || current.Status.Conditions[0].Status != test.want || current.Status.Conditions[0].Reason != test.reason {
			t.Errorf("got %v, want %s because of %s", current.Status.Conditions, test.want, test.reason)
		}
	}
}
