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

// reporting starts an instance's reporter against an API that answers each report as told, and passes on those taken.
func reporting(t *testing.T, answer func(report int) error) (*instance, *container, <-chan corev1.PodStatus) {
	t.Helper()
	taken, reports := make(chan corev1.PodStatus, 100), 0
	client := fake.NewClientset()
	client.PrependReactor("patch", "pods", func(action kubetesting.Action) (bool, kruntime.Object, error) {
		reports++
		if err := answer(reports); err != nil {
			return true, nil, err
		}
		var pod corev1.Pod
		if err := json.Unmarshal(action.(kubetesting.PatchAction).GetPatch(), &pod); err != nil {
			t.Error(err)
		}
		taken <- pod.Status
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
	return i, c, taken
}

func readyIn(status corev1.PodStatus) bool {
	for _, condition := range status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func wait(t *testing.T, taken <-chan corev1.PodStatus, what string, wanted func(corev1.PodStatus) bool) corev1.PodStatus {
	t.Helper()
	for limit := time.After(10 * time.Second); ; {
		select {
		case status := <-taken:
			if wanted(status) {
				return status
			}
		case <-limit:
			t.Fatalf("never told: %s", what)
		}
	}
}

func TestAReportThatWasNotTakenIsMadeAgain(t *testing.T) {
	conflict := apierrors.NewConflict(corev1.Resource("pods"), "pod", nil)
	i, c, taken := reporting(t, func(report int) error {
		if report <= 2 {
			return conflict
		}
		return nil
	})
	i.reportStatus()
	i.setReady(c, true)
	wait(t, taken, "ready", readyIn)
}

func TestNoReportOvertakesANewerOne(t *testing.T) {
	slow := make(chan struct{})
	i, c, taken := reporting(t, func(report int) error {
		if report == 1 {
			<-slow
		}
		return nil
	})
	i.reportStatus()
	time.Sleep(50 * time.Millisecond)
	i.setReady(c, true)
	close(slow)
	since := wait(t, taken, "ready", readyIn)
	select {
	case later := <-taken:
		if !readyIn(later) {
			t.Error("an older report came after a newer one")
		}
	case <-time.After(200 * time.Millisecond):
	}
	// What has not changed keeps its time.
	i.reportStatus()
	again := wait(t, taken, "ready again", readyIn)
	if !since.Conditions[2].LastTransitionTime.Equal(&again.Conditions[2].LastTransitionTime) {
		t.Error("the time of a transition changed without one")
	}
}
