package pods

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	kubetesting "k8s.io/client-go/testing"

	"github.com/skerry-dev/skerry/runtime/internal/lab/process"
)

// startReporter starts the reporter of an instance. The fake API answers each update with answer, and sends the accepted
// statuses to the channel.
func startReporter(t *testing.T, answer func(update int) error) (*instance, *container, <-chan corev1.PodStatus) {
	t.Helper()
	accepted, updates := make(chan corev1.PodStatus, 100), 0
	client := fake.NewClientset()
	client.PrependReactor("patch", "pods", func(action kubetesting.Action) (bool, kruntime.Object, error) {
		updates++
		if err := answer(updates); err != nil {
			return true, nil, err
		}
		var pod corev1.Pod
		if err := json.Unmarshal(action.(kubetesting.PatchAction).GetPatch(), &pod); err != nil {
			t.Error(err)
		}
		accepted <- pod.Status
		return true, &pod, nil
	})
	c := &container{spec: corev1.Container{Name: "program"}, keeper: &process.Keeper{}}
	i := &instance{
		runner:     &Runner{Cluster: "test", client: client, Logger: slog.New(slog.DiscardHandler)},
		pod:        &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "pod", Namespace: "default", UID: "1"}},
		changed:    make(chan struct{}, 1),
		containers: []*container{c},
		started:    time.Now(),
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); i.report(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return i, c, accepted
}

func waitFor(t *testing.T, accepted <-chan corev1.PodStatus, description string, condition func(corev1.PodStatus) bool) corev1.PodStatus {
	t.Helper()
	for limit := time.After(10 * time.Second); ; {
		select {
		case status := <-accepted:
			if condition(status) {
				return status
			}
		case <-limit:
			t.Fatalf("timed out waiting for status: %s", description)
		}
	}
}

func TestReporterRetriesRejectedUpdate(t *testing.T) {
	conflict := apierrors.NewConflict(corev1.Resource("pods"), "pod", nil)
	i, c, accepted := startReporter(t, func(update int) error {
		if update <= 2 {
			return conflict
		}
		return nil
	})
	i.requestReport()
	i.setReady(c, true)
	waitFor(t, accepted, "ready", isReady)
}

func TestReporterDoesNotOverwriteNewerStatus(t *testing.T) {
	slow := make(chan struct{})
	i, c, accepted := startReporter(t, func(update int) error {
		if update == 1 {
			<-slow
		}
		return nil
	})
	i.requestReport()
	time.Sleep(50 * time.Millisecond)
	i.setReady(c, true)
	close(slow)
	first := waitFor(t, accepted, "ready", isReady)
	select {
	case later := <-accepted:
		if !isReady(later) {
			t.Error("an older status was accepted after a newer one")
		}
	case <-time.After(200 * time.Millisecond):
	}
	// A condition without a transition keeps its time.
	i.requestReport()
	second := waitFor(t, accepted, "ready again", isReady)
	if !first.Conditions[2].LastTransitionTime.Equal(&second.Conditions[2].LastTransitionTime) {
		t.Error("lastTransitionTime changed without a transition")
	}
}
