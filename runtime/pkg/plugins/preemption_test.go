package plugins_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// running returns a pod that runs on a node with a priority.
func (b *testCluster) running(node, cpu string, priority int32) *corev1.Pod {
	p := b.pod(cpu)
	p.Spec.NodeName, p.Spec.Priority = node, &priority
	return p
}

// important returns a pod with a priority of 1000.
func (b *testCluster) important(cpu string, metadata ...string) *corev1.Pod {
	p, priority := b.pod(cpu, metadata...), int32(1000)
	p.Spec.Priority = &priority
	return p
}

func (q *queue) create(pod *corev1.Pod) {
	q.t.Helper()
	if _, err := q.client.CoreV1().Pods(pod.Namespace).Create(q.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		q.t.Fatal(err)
	}
}

// expectPlacedOn waits until a pod is placed, and checks its node.
func (q *queue) expectPlacedOn(pod *corev1.Pod, node string) {
	q.t.Helper()
	q.waitUntilPlaced(pod)
	now, err := q.client.CoreV1().Pods(pod.Namespace).Get(q.t.Context(), pod.Name, metav1.GetOptions{})
	if err != nil || now.Spec.NodeName != node {
		q.t.Errorf("got node %s, want %s (%v)", now.Spec.NodeName, node, err)
	}
}

// expectRemaining checks which pods were not preempted.
func (q *queue) expectRemaining(all []*corev1.Pod, want ...*corev1.Pod) {
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
		q.t.Errorf("remaining pods: got %v, want %v", left, names)
	}
}

func TestFallsBackWhileAnotherPodPreempts(t *testing.T) {
	pods := &testCluster{t: t}
	victim := pods.running("tokyo-1", "3", 0)
	// The finalizer delays the end of the pod.
	victim.Finalizers = []string{"example.org/slow"}
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "16", "32Gi"), victim)
	preemptor := pods.important("3800m", "required-region=tokyo")
	q.create(preemptor)
	q.eventually(preemptor, "is nominated", func(now *corev1.Pod) bool { return now.Status.NominatedNodeName == "tokyo-1" })
	for range 20 {
		pod := pods.pod("300m", "required-region=tokyo", "fallback-regions=osaka")
		q.create(pod)
		q.expectPlacedOn(pod, "osaka-1")
	}
}

func TestPrefersAFallbackToPreemption(t *testing.T) {
	pods := &testCluster{t: t}
	victim := pods.running("tokyo-1", "3", 0)
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"), victim)
	pod := pods.important("2", "required-region=tokyo", "fallback-regions=osaka")
	q.create(pod)
	q.expectPlacedOn(pod, "osaka-1")
	q.expectRemaining([]*corev1.Pod{victim}, victim)
}

func TestPreemptionKeepsTheOrderOfRegions(t *testing.T) {
	pods := &testCluster{t: t}
	for name, test := range map[string]struct {
		// Priorities of the pods that fill the nodes of the regions.
		tokyo, osaka, sydney int32
		metadata             []string
		want                 string
	}{
		"first region despite lower priorities elsewhere": {500, 1, 0, []string{"required-region=tokyo", "fallback-regions=osaka,sydney"}, "tokyo-1"},
		"first region where it helps":                     {1000, 500, 0, []string{"required-region=tokyo", "fallback-regions=osaka,sydney"}, "osaka-1"},
		"nearest region":                                  {500, 1, 0, []string{"near-region=tokyo"}, "tokyo-1"},
		"nearest region where it helps":                   {1000, 500, 0, []string{"near-region=tokyo"}, "osaka-1"},
	} {
		t.Run(name, func(t *testing.T) {
			filling := []*corev1.Pod{pods.running("tokyo-1", "3", test.tokyo), pods.running("osaka-1", "3", test.osaka), pods.running("sydney-1", "3", test.sydney)}
			q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"), node("sydney-1", "sydney", "4", "8Gi"),
				filling[0], filling[1], filling[2])
			pod := pods.important("2", test.metadata...)
			q.create(pod)
			q.expectPlacedOn(pod, test.want)
			var rest []*corev1.Pod
			for _, other := range filling {
				if other.Spec.NodeName != test.want {
					rest = append(rest, other)
				}
			}
			q.expectRemaining(filling, rest...)
		})
	}
}

func TestNonPreemptingPodsWaitForAllOfTheirRegions(t *testing.T) {
	pods := &testCluster{t: t}
	never := corev1.PreemptNever
	filling := []*corev1.Pod{pods.running("tokyo-1", "3", 0), pods.running("osaka-1", "3", 0)}
	q := newQueue(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"), filling[0], filling[1])
	pod := pods.important("2", "required-region=tokyo", "fallback-regions=osaka")
	pod.Spec.PreemptionPolicy = &never
	q.createUnschedulable(pod)
	q.expectRemaining(filling, filling...)
	if err := q.client.CoreV1().Pods("test").Delete(t.Context(), filling[1].Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	q.expectPlacedOn(pod, "osaka-1")
}
