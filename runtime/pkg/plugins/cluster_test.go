package plugins_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	fwk "k8s.io/kube-scheduler/framework"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/pkg/explain"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/observe"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

const config = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: edge-scheduler
    plugins: {score: {disabled: [{name: NodeResourcesFit}]}, multiPoint: {enabled: [{name: EdgeProximity, weight: 5}, {name: ResourceProfile, weight: 3}, {name: LoadAware, weight: 3}]}}
    pluginConfig:
      - {name: ResourceProfile, args: {apiVersion: config.skerry.dev/v1, kind: ResourceProfileArgs, scale: {cpu: 8, memoryGB: 16, iops: 10000}}}
      - {name: LoadAware, args: {apiVersion: config.skerry.dev/v1, kind: LoadAwareArgs%s}}
`

const matrix = `{"version":1,"unit":"ms","regions":[{"name":"tokyo","latitude":35.7,"longitude":139.7},{"name":"osaka","latitude":34.7,"longitude":135.5},{"name":"sydney","latitude":-33.9,"longitude":151.2}],
"links":[{"from":"tokyo","to":"osaka","rttMs":9,"basis":"measured","source":"t"}]}`

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// testCluster is a real scheduler with all three plugins, a fake clock and samples that the test sets.
type testCluster struct {
	t       *testing.T
	clock   *clocktesting.FakePassiveClock
	store   *source
	cluster *simulation.Cluster
	events  chan string
	metrics *observe.Metrics
	count   int
}

func newTestCluster(t *testing.T, loadAware string, nodes ...*corev1.Node) *testCluster {
	t.Helper()
	parsed, err := links.Parse([]byte(matrix))
	if err != nil {
		t.Fatal(err)
	}
	b := &testCluster{t: t, clock: clocktesting.NewFakePassiveClock(start), store: newSource(), events: make(chan string, 10_000), metrics: observe.New()}
	environment := plugins.Environment{
		Clock:    b.clock,
		Links:    func(context.Context, string, string) (links.Source, error) { return links.Static{Links: parsed}, nil },
		Profiles: func(context.Context, fwk.Handle) (load.Source, error) { return b.store, nil },
		Metrics:  b.metrics, Explanations: &explain.Book{},
	}
	set := environment.Set()
	b.cluster, err = simulation.NewCluster(t.Context(), simulation.Options{
		Nodes: nodes, Config: fmt.Appendf(nil, config, loadAware), Registry: set.Registry, Attach: set.Attach, Events: b.events, Explanations: environment.Explanations,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.store.waitForReplays(t, len(nodes))
	return b
}

func node(name, region, cores, memory string) *corev1.Node {
	allocatable := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cores), corev1.ResourceMemory: resource.MustParse(memory), corev1.ResourcePods: resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{labels.EdgeRegion: region, "kubernetes.io/hostname": name}},
		Status:     corev1.NodeStatus{Capacity: allocatable, Allocatable: allocatable},
	}
}

// pod returns a pod with a CPU request and the label required-region or annotations, each as key=value.
func (b *testCluster) pod(cpu string, metadata ...string) *corev1.Pod {
	b.count++
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("pod-%d", b.count), Namespace: "test", UID: types.UID(fmt.Sprintf("uid-%d", b.count)),
			Labels: map[string]string{}, Annotations: map[string]string{},
		},
		Spec: corev1.PodSpec{SchedulerName: labels.EdgeSchedulerName, Containers: []corev1.Container{{
			Name: "main", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse("100Mi"),
			}},
		}}},
	}
	for _, entry := range metadata {
		key, value, _ := strings.Cut(entry, "=")
		if key == labels.RequiredRegion {
			p.Labels[key] = value
		} else {
			p.Annotations["skerry.dev/"+key] = value
		}
	}
	return p
}

func (b *testCluster) place(pod *corev1.Pod) string {
	b.t.Helper()
	at, err := b.cluster.Schedule(b.t.Context(), pod)
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

func (b *testCluster) sample(node string, age time.Duration, cpu, memory, network float64) {
	b.store.Put(node, &load.Profile{
		Capability: load.NewVector(4, 8, 5000, 1), Usage: load.NewVector(cpu, memory, 0, network),
		Time: b.clock.Now().Add(-age), Window: 30 * time.Second,
	})
}

func (b *testCluster) lastEvent(reason string) string {
	b.t.Helper()
	for deadline := time.After(5 * time.Second); ; {
		select {
		case event := <-b.events:
			if strings.Contains(event, " "+reason+" ") {
				return event
			}
		case <-deadline:
			b.t.Fatalf("no event %s", reason)
		}
	}
}
