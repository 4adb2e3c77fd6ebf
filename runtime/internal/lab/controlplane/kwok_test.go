package controlplane

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kwok/pkg/apis/internalversion"
	"sigs.k8s.io/kwok/pkg/utils/lifecycle"

	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
)

func TestAPodRecoversAfterItsNodeAnswersAgain(t *testing.T) {
	groups, err := loadStages(programs.NewTable(nil))
	if err != nil {
		t.Fatal(err)
	}
	stages, err := lifecycle.NewLifecycle(groups[internalversion.StageResourceRef{APIGroup: "v1", Kind: "Pod"}])
	if err != nil {
		t.Fatal(err)
	}
	now := metav1.Now()
	for name, test := range map[string]struct {
		ready   corev1.ConditionStatus
		image   string
		deleted *metav1.Time
		want    string
	}{
		"not ready":               {ready: corev1.ConditionFalse, image: "pause:3", want: "pod-recover"},
		"ready":                   {ready: corev1.ConditionTrue, image: "pause:3"},
		"being deleted":           {ready: corev1.ConditionFalse, image: "pause:3", deleted: &now, want: "pod-delete"},
		"runs as a local process": {ready: corev1.ConditionFalse, image: "ghcr.io/skerry-dev/edge-scheduler:0.1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default", DeletionTimestamp: test.deleted},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: test.image}}},
				Status:     corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: test.ready}}},
			}
			stage, err := stages.Match(t.Context(), &lifecycle.Event{Labels: pod.Labels, Annotations: pod.Annotations, Data: pod})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if stage != nil {
				got = stage.Name()
			}
			if got != test.want {
				t.Errorf("got stage %q, want %q", got, test.want)
			}
		})
	}
}
