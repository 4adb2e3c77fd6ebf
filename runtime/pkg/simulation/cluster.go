package simulation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/events"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/framework"
	frameworkruntime "k8s.io/kubernetes/pkg/scheduler/framework/runtime"

	"github.com/skerry-dev/skerry/runtime/pkg/explain"
)

// Options of a Cluster.
type Options struct {
	Nodes []*corev1.Node
	// Config is a KubeSchedulerConfiguration in YAML; its first profile is for pods of the same scheduler name.
	Config []byte
	// Registry makes the plugins that are not upstream's.
	Registry frameworkruntime.Registry
	// Attach completes the scheduler before its first pod; nil does nothing.
	Attach func(*scheduler.Scheduler)
	// Events get what the scheduler and its plugins tell pods; nil drops them.
	Events chan string
	// Explanations that the plugins write; nil for none.
	Explanations *explain.Book
}

// Cluster is a scheduler over nodes in memory. Its cycles run one after the other, as in a cluster; bindings succeed at
// once.
type Cluster struct {
	scheduler *scheduler.Scheduler
	next      chan *corev1.Pod

	mutex   sync.Mutex
	outcome map[types.UID]func(Outcome)
}

// Outcome of one pod: its node, or why it has none.
type Outcome struct {
	Node   string
	Reason error
}

// NewCluster starts the scheduler's caches. They end with the context.
func NewCluster(ctx context.Context, options Options) (*Cluster, error) {
	config, err := Decode(options.Config)
	if err != nil {
		return nil, err
	}
	objects := make([]runtime.Object, len(options.Nodes))
	for i, node := range options.Nodes {
		objects[i] = node
	}
	client := fake.NewSimpleClientset(objects...)
	c := &Cluster{next: make(chan *corev1.Pod, 1), outcome: map[types.UID]func(Outcome){}}
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if action.GetSubresource() != "binding" {
			return false, nil, nil
		}
		binding := action.(clienttesting.CreateAction).GetObject().(*corev1.Binding)
		c.report(binding.UID, Outcome{Node: binding.Target.Name})
		return true, binding, nil
	})
	factory := informers.NewSharedInformerFactory(client, 0)
	recorder := func(string) events.EventRecorderLogger {
		return options.Explanations.Recorder(&events.FakeRecorder{Events: options.Events})
	}
	c.scheduler, err = scheduler.New(ctx, client, factory, nil, recorder,
		scheduler.WithProfiles(config.Profiles...),
		scheduler.WithFrameworkOutOfTreeRegistry(options.Registry),
		scheduler.WithPercentageOfNodesToScore(config.PercentageOfNodesToScore),
		scheduler.WithParallelism(config.Parallelism))
	if err != nil {
		return nil, err
	}
	c.scheduler.NextPod = func(klog.Logger) (*framework.QueuedPodInfo, error) {
		pod := <-c.next
		info, err := framework.NewPodInfo(pod)
		return &framework.QueuedPodInfo{PodInfo: info, Timestamp: time.Now()}, err
	}
	if options.Attach != nil {
		options.Attach(c.scheduler)
	}
	c.scheduler.FailureHandler = func(_ context.Context, _ framework.Framework, info *framework.QueuedPodInfo, status *fwk.Status, _ *fwk.NominatingInfo, _ time.Time) {
		reason := status.AsError()
		if reason == nil {
			reason = errors.New(status.Message())
		}
		c.report(info.Pod.UID, Outcome{Reason: reason})
	}
	factory.StartWithContext(ctx)
	factory.WaitForCacheSyncWithContext(ctx)
	return c, c.scheduler.WaitForHandlersSync(ctx)
}

func (c *Cluster) report(pod types.UID, outcome Outcome) {
	c.mutex.Lock()
	tell := c.outcome[pod]
	delete(c.outcome, pod)
	c.mutex.Unlock()
	if tell != nil {
		tell(outcome)
	}
}

// Begin runs the scheduling cycle of one pod; tell is called when it is bound or refused, which may be later.
func (c *Cluster) Begin(ctx context.Context, pod *corev1.Pod, tell func(Outcome)) {
	c.mutex.Lock()
	c.outcome[pod.UID] = tell
	c.mutex.Unlock()
	c.next <- pod
	c.scheduler.ScheduleOne(ctx)
}

// Schedule runs the scheduling cycle of one pod and waits for its end.
func (c *Cluster) Schedule(ctx context.Context, pod *corev1.Pod) (string, error) {
	done := make(chan Outcome, 1)
	c.Begin(ctx, pod, func(outcome Outcome) { done <- outcome })
	select {
	case outcome := <-done:
		return outcome.Node, outcome.Reason
	case <-ctx.Done():
		return "", fmt.Errorf("pod %s: %w", klog.KObj(pod), ctx.Err())
	}
}
