package plugins_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// running is a pod on a node, of a priority.
func (b *bed) running(node, cpu string, priority int32) *corev1.Pod {
	p := b.pod(cpu)
	p.Spec.NodeName, p.Spec.Priority = node, &priority
	return p
}

// important is a pod that may preempt those of a lower priority.
func (b *bed) important(cpu string, says ...string) *corev1.Pod {
	p, priority := b.pod(cpu, says...), int32(1000)
	p.Spec.Priority = &priority
	return p
}

func (q *queue) create(pod *corev1.Pod) {
	q.t.Helper()
	if _, err := q.client.CoreV1().Pods(pod.Namespace).Create(q.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		q.t.Fatal(err)
	}
}

// placedOn waits until a pod is placed, and checks where.
func (q *queue) placedOn(pod *corev1.Pod, node string) {
	q.t.Helper()
	q.placed(pod)
	now, err := q.client.CoreV1().Pods(pod.Namespace).Get(q.t.Context(), pod.Name, metav1.GetOptions{})
	if err != nil || now.Spec.NodeName != node {
		q.t.Errorf("pod is on %s, not %s (%v)", now.Spec.NodeName, node, err)
	}
}

// remain checks which of some pods were not preempted.
func (q *queue) remain(all []*corev1.Pod, want ...*corev1.Pod) {
	q.t.Helper()
	var left []string
	for _, pod := range all {
		if _, err := q.client.CoreV1().Pods(pod.Namespace).Get(q.t.Context(), pod.Name, metav1.GetOptions{}); err == nil {
			left = append(left, pod.Name)
		}
	}
	var names []string
	for _, pod := range want {
		names = append(names, pod.Name)
	}
	if strings.Join(left, ",") != strings.Join(names, ",") {
		q.t.Errorf("left are %v, not %v", left, names)
	}
}

func TestPodsFallBackWhileAnotherPreempts(t *testing.T) {
	pods := &bed{t: t}
	victim := pods.running("tokyo-1", "3", 0)
	// It takes its time to end.
	victim.Finalizers = []string{"example.org/slow"}
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "16", "32Gi"), victim)
	preemptor := pods.important("3800m", "required-region=tokyo")
	q.create(preemptor)
	q.eventually(preemptor, "is nominated", func(now *corev1.Pod) bool { return now.Status.NominatedNodeName == "tokyo-1" })
	for range 20 {
		pod := pods.pod("300m", "required-region=tokyo", "fallback-regions=osaka")
		q.create(pod)
		q.placedOn(pod, "osaka-1")
	}
}

func TestAFallbackWithRoomComesBeforePreemption(t *testing.T) {
	pods := &bed{t: t}
	victim := pods.running("tokyo-1", "3", 0)
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"), victim)
	pod := pods.important("2", "required-region=tokyo", "fallback-regions=osaka")
	q.create(pod)
	q.placedOn(pod, "osaka-1")
	q.remain([]*corev1.Pod{victim}, victim)
}

func TestPreemptionKeepsTheOrderOfRegions(t *testing.T) {
	pods := &bed{t: t}
	for name, each := range map[string]struct {
		// priorities of the pod that fills the node of tokyo, osaka and sydney each.
		tokyo, osaka, sydney int32
		says                 []string
		want                 string
	}{
		"first region though victims matter less elsewhere": {500, 1, 0, []string{"required-region=tokyo", "fallback-regions=osaka,sydney"}, "tokyo-1"},
		"first region where it helps":                       {1000, 500, 0, []string{"required-region=tokyo", "fallback-regions=osaka,sydney"}, "osaka-1"},
		"nearest region":                                    {500, 1, 0, []string{"near-region=tokyo"}, "tokyo-1"},
		"nearest region where it helps":                     {1000, 500, 0, []string{"near-region=tokyo"}, "osaka-1"},
	} {
		t.Run(name, func(t *testing.T) {
			filling := []*corev1.Pod{pods.running("tokyo-1", "3", each.tokyo), pods.running("osaka-1", "3", each.osaka), pods.running("sydney-1", "3", each.sydney)}
			q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"), node("sydney-1", "sydney", "4", "8Gi"),
				filling[0], filling[1], filling[2])
			pod := pods.important("2", each.says...)
			q.create(pod)
			q.placedOn(pod, each.want)
			var rest []*corev1.Pod
			for _, other := range filling {
				if other.Spec.NodeName != each.want {
					rest = append(rest, other)
				}
			}
			q.remain(filling, rest...)
		})
	}
}

func TestAPodThatMayNotPreemptWaitsForAnyOfItsRegions(t *testing.T) {
	pods := &bed{t: t}
	never := corev1.PreemptNever
	filling := []*corev1.Pod{pods.running("tokyo-1", "3", 0), pods.running("osaka-1", "3", 0)}
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"), filling[0], filling[1])
	pod := pods.important("2", "required-region=tokyo", "fallback-regions=osaka")
	pod.Spec.PreemptionPolicy = &never
	q.waits(pod)
	q.remain(filling, filling...)
	if err := q.client.CoreV1().Pods("test").Delete(t.Context(), filling[1].Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	q.placedOn(pod, "osaka-1")
}
