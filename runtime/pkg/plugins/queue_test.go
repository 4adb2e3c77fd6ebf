package plugins_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/events"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

// queue is a real scheduler with its real queue, in which rejected pods wait.
type queue struct {
	t      *testing.T
	client *fake.Clientset
	store  *source
	links  string
	clock  *clocktesting.FakeClock
}

func newQueue(t *testing.T, loadAware string, objects ...runtime.Object) *queue {
	t.Helper()
	q := &queue{
		t: t, store: newSource(), links: filepath.Join(t.TempDir(), "links.json"),
		// Samples have wall-clock times, because the queue's backoff uses the wall clock.
		clock: clocktesting.NewFakeClock(time.Now()), client: fake.NewSimpleClientset(objects...),
	}
	q.writeLinks(9)
	q.client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if action.GetSubresource() != "binding" {
			return false, nil, nil
		}
		binding := action.(clienttesting.CreateAction).GetObject().(*corev1.Binding)
		resource := corev1.SchemeGroupVersion.WithResource("pods")
		object, err := q.client.Tracker().Get(resource, binding.Namespace, binding.Name)
		if err != nil {
			return true, nil, err
		}
		bound := object.(*corev1.Pod).DeepCopy()
		bound.Spec.NodeName = binding.Target.Name
		return true, binding, q.client.Tracker().Update(resource, bound, binding.Namespace)
	})
	q.client.PrependReactor("delete", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		resource := corev1.SchemeGroupVersion.WithResource("pods")
		object, err := q.client.Tracker().Get(resource, action.GetNamespace(), action.(clienttesting.DeleteAction).GetName())
		if err != nil || len(object.(*corev1.Pod).Finalizers) == 0 {
			return false, nil, nil
		}
		// The API server only marks objects with finalizers as deleted.
		ending := object.(*corev1.Pod).DeepCopy()
		ending.DeletionTimestamp = &metav1.Time{Time: time.Now()}
		return true, ending, q.client.Tracker().Update(resource, ending, ending.Namespace)
	})
	decoded, err := simulation.Decode(fmt.Appendf(nil, strings.ReplaceAll(config, "pluginConfig:", "pluginConfig:\n      - {name: EdgeProximity, args: {apiVersion: config.skerry.dev/v1, kind: EdgeProximityArgs, linksFile: "+q.links+"}}"), loadAware))
	if err != nil {
		t.Fatal(err)
	}
	environment := plugins.Environment{
		Clock: clock.RealClock{}, Links: plugins.LinksFromFiles(q.clock),
		Profiles: func(context.Context, fwk.Handle) (load.Source, error) { return q.store, nil },
	}
	set := environment.Set()
	factory := informers.NewSharedInformerFactory(q.client, 0)
	recorder := func(string) events.EventRecorderLogger { return &events.FakeRecorder{} }
	s, err := scheduler.New(t.Context(), q.client, factory, nil, recorder,
		scheduler.WithProfiles(decoded.Profiles...), scheduler.WithFrameworkOutOfTreeRegistry(set.Registry))
	if err != nil {
		t.Fatal(err)
	}
	set.Attach(s)
	factory.StartWithContext(t.Context())
	factory.WaitForCacheSyncWithContext(t.Context())
	if err := s.WaitForHandlersSync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if _, is := object.(*corev1.Node); is {
			q.store.waitForReplays(t, 1)
		}
	}
	go s.Run(t.Context())
	return q
}

func (q *queue) writeLinks(milliseconds int) {
	q.t.Helper()
	text := strings.Replace(matrix, `"from":"tokyo","to":"osaka","rttMs":9`, fmt.Sprintf(`"from":"osaka","to":"tokyo","rttMs":%d`, milliseconds), 1)
	if err := os.WriteFile(q.links, []byte(text), 0o600); err != nil {
		q.t.Fatal(err)
	}
}

func (q *queue) sample(node string, memory float64) {
	q.store.Put(node, &load.Profile{Usage: load.NewVector(0.1, memory, 0, 0), Time: time.Now(), Window: time.Second})
}

// createUnschedulable creates a pod and waits until the scheduler has rejected it.
func (q *queue) createUnschedulable(pod *corev1.Pod) {
	q.t.Helper()
	if _, err := q.client.CoreV1().Pods(pod.Namespace).Create(q.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		q.t.Fatal(err)
	}
	q.eventually(pod, "is rejected", func(now *corev1.Pod) bool {
		for _, condition := range now.Status.Conditions {
			if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
				return true
			}
		}
		return false
	})
}

// waitUntilPlaced waits until a pod is bound.
func (q *queue) waitUntilPlaced(pod *corev1.Pod) {
	q.t.Helper()
	q.eventually(pod, "is placed", func(now *corev1.Pod) bool { return now.Spec.NodeName != "" })
}

func (q *queue) eventually(pod *corev1.Pod, what string, holds func(*corev1.Pod) bool) {
	q.t.Helper()
	// The queue retries all pods after five minutes anyway.
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		now, err := q.client.CoreV1().Pods(pod.Namespace).Get(q.t.Context(), pod.Name, metav1.GetOptions{})
		if err == nil && holds(now) {
			return
		}
		if time.Now().After(deadline) {
			q.t.Fatalf("pod %s never %s: %v %v %+v", pod.Name, what, err, now.Annotations, now.Status)
		}
	}
}

func TestRetriesWaitingPods(t *testing.T) {
	pods := &testCluster{t: t}
	waiting := func(metadata ...string) *corev1.Pod { return pods.pod("100m", metadata...) }
	update := func(q *queue, pod *corev1.Pod) {
		// The fake API does not set the version, and the scheduler ignores updates without a new one.
		pod.ResourceVersion = "2"
		if _, err := q.client.CoreV1().Pods(pod.Namespace).Update(q.t.Context(), pod, metav1.UpdateOptions{}); err != nil {
			q.t.Fatal(err)
		}
	}
	busy := func(q *queue) { q.sample("tokyo-1", 0.95) }
	for name, test := range map[string]struct {
		loadAware string
		before    func(q *queue)
		pod       *corev1.Pod
		event     func(q *queue, pod *corev1.Pod)
	}{
		"after a link gets shorter": {
			before: func(q *queue) {},
			pod:    waiting("near-region=osaka", "max-rtt-ms=5"),
			event: func(q *queue, _ *corev1.Pod) {
				q.writeLinks(4)
				q.clock.Step(time.Minute)
			},
		},
		"after its budget increases": {
			before: func(q *queue) {},
			pod:    waiting("near-region=osaka", "max-rtt-ms=5"),
			event: func(q *queue, pod *corev1.Pod) {
				pod.Annotations[labels.AnnotationMaxRttMs] = "50"
				update(q, pod)
			},
		},
		"after it gets a fallback": {
			before: func(q *queue) {},
			pod:    waiting("required-region=osaka"),
			event: func(q *queue, pod *corev1.Pod) {
				pod.Annotations[labels.AnnotationFallbackRegions] = "tokyo"
				update(q, pod)
			},
		},
		"after a node moves into its region": {
			before: func(q *queue) {},
			pod:    waiting("required-region=osaka"),
			event: func(q *queue, _ *corev1.Pod) {
				moved := node("tokyo-1", "osaka", "4", "8Gi")
				moved.ResourceVersion = "2"
				if _, err := q.client.CoreV1().Nodes().Update(q.t.Context(), moved, metav1.UpdateOptions{}); err != nil {
					q.t.Fatal(err)
				}
			},
		},
		"after a sample shows spare memory": {
			before: busy, pod: waiting(),
			event: func(q *queue, _ *corev1.Pod) { q.sample("tokyo-1", 0.2) },
		},
		"after the samples of a node are removed": {
			before: busy, pod: waiting(),
			event: func(q *queue, _ *corev1.Pod) { q.store.Put("tokyo-1", nil) },
		},
		"after the first sample of a node": {
			loadAware: ", missingMetricsPolicy: Deny",
			before:    func(q *queue) {}, pod: waiting(),
			event: func(q *queue, _ *corev1.Pod) { q.sample("tokyo-1", 0.2) },
		},
		"after a node is added": {
			before: busy, pod: waiting(),
			event: func(q *queue, _ *corev1.Pod) {
				if _, err := q.client.CoreV1().Nodes().Create(q.t.Context(), node("tokyo-2", "tokyo", "4", "8Gi"), metav1.CreateOptions{}); err != nil {
					q.t.Fatal(err)
				}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, test.loadAware, node("tokyo-1", "tokyo", "4", "8Gi"))
			test.before(q)
			q.createUnschedulable(test.pod)
			test.event(q, test.pod.DeepCopy())
			q.waitUntilPlaced(test.pod)
		})
	}
}
