package plugins_test

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// newFullNode returns a queue with a node whose memory is 93 % full, because of a pod without priority. The usage of the pod
// is measured or not.
func newFullNode(t *testing.T, measured bool) (*queue, *testCluster, *corev1.Pod) {
	t.Helper()
	pods := &testCluster{t: t}
	filler := pods.pod("100m")
	filler.Spec.NodeName, filler.Status.StartTime = "tokyo-1", &metav1.Time{Time: time.Now().Add(-time.Hour)}
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), filler)
	profile := &load.Profile{Usage: load.NewVector(0.1, 0.93, 0, 0), Time: time.Now(), Window: time.Second}
	if measured {
		profile.Pods = []load.PodUsage{{Pod: filler.UID, Cores: 0.1, Bytes: 6 << 30}}
	}
	q.store.Put("tokyo-1", profile)
	return q, pods, filler
}

func withPriority(pod *corev1.Pod, priority int32) *corev1.Pod {
	pod.Spec.Priority = &priority
	return pod
}

func TestPlacesCriticalPodsOnBusyNodes(t *testing.T) {
	for _, measured := range []bool{true, false} {
		t.Run(fmt.Sprint("measured pods: ", measured), func(t *testing.T) {
			q, pods, filler := newFullNode(t, measured)
			critical := withPriority(pods.pod("100m"), 2_000_000_000)
			q.create(critical)
			q.waitUntilPlaced(critical)
			if _, err := q.client.CoreV1().Pods(filler.Namespace).Get(t.Context(), filler.Name, metav1.GetOptions{}); err != nil {
				t.Errorf("the running pod: %v", err)
			}
		})
	}
}

func TestPreemptsThePodThatFillsTheMemory(t *testing.T) {
	q, pods, filler := newFullNode(t, true)
	important := withPriority(pods.pod("100m"), 1000)
	q.create(important)
	q.waitUntilPlaced(important)
	if _, err := q.client.CoreV1().Pods(filler.Namespace).Get(t.Context(), filler.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the pod that filled the memory was not preempted: %v", err)
	}
}

func TestDoesNotPreemptWhenItDoesNotHelp(t *testing.T) {
	// The usage of the potential victim is estimated by its request, so the node would be too busy even without it.
	q, pods, filler := newFullNode(t, false)
	important := withPriority(pods.pod("100m"), 1000)
	q.createUnschedulable(important)
	if _, err := q.client.CoreV1().Pods(filler.Namespace).Get(t.Context(), filler.Name, metav1.GetOptions{}); err != nil {
		t.Errorf("the running pod: %v", err)
	}
}
