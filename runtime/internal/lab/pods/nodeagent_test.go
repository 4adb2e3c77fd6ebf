package pods

import (
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
	"github.com/skerry-dev/skerry/runtime/pkg/demand"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	agent "github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

// testCluster is a runner with nodes and pods, and without processes.
type testCluster struct {
	*Runner
	nodes, pods cache.Indexer
}

func newTestCluster(t *testing.T, links string, objects ...any) *testCluster {
	t.Helper()
	c := &testCluster{
		nodes: cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{}),
		pods:  cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}),
	}
	library, err := traces.Open("")
	if err != nil {
		t.Fatal(err)
	}
	c.Runner = &Runner{
		Cluster: "test", PodsDir: t.TempDir(), Traces: library, Logger: slog.New(slog.DiscardHandler),
		lister: corelisters.NewPodLister(c.pods),
		client: fake.NewClientset(&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: systemNamespace, Name: regionLinks}, Data: map[string]string{linksFile: links},
		}),
	}
	c.Runner.nodes = corelisters.NewNodeLister(c.nodes)
	for _, object := range objects {
		index := c.pods
		if _, isNode := object.(*corev1.Node); isNode {
			index = c.nodes
		}
		if err := index.Add(object); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func testNode(name, region, capacity string) *corev1.Node {
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{labels.NodePool: "pool", labels.EdgeRegion: region}},
		Status: corev1.NodeStatus{Capacity: corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"),
		}},
	}
	if capacity != "" {
		node.Annotations = map[string]string{nodepool.CapacityAnnotation: capacity}
	}
	return node
}

func testPod(name, node, address string, uid types.UID) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: uid},
		Spec: corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("300m"), corev1.ResourceMemory: resource.MustParse("256Mi")},
		}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: address},
	}
}

// What an agent measures on a machine is the profile that the lab would have published without it.
func TestAnAgentMeasuresWhatTheLabWouldPublish(t *testing.T) {
	const interval = 30 * time.Second
	node := testNode("east-01", "east", `{"coreSpeed":2.5,"networkMbps":100,"iops":40000}`)
	pod := testPod("pod", "east-01", "", "0a1b2c3d-0000-4000-8000-000000000001")
	c := newTestCluster(t, "", node, pod, testPod("other", "east-02", "", "0a1b2c3d-0000-4000-8000-000000000002"))
	i := &instance{runner: c.Runner, address: "127.0.0.9", pod: &corev1.Pod{Spec: corev1.PodSpec{NodeName: "east-01"}}}
	machine, err := i.newMachine(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sampler := agent.Sampler{Proc: machine.files.Proc, Sys: machine.files.Sys}
	now := machine.last
	sampler.Sample(now, 100)
	cores, bytes := demand.Requests(pod)
	for range 8 {
		for range interval / machineInterval {
			now = now.Add(machineInterval)
			if err := machine.advance(now); err != nil {
				t.Fatal(err)
			}
		}
		measured, hardware := sampler.Sample(now, 100)
		profile := usage.NewProfile(node, c.Traces.Machine("east-01"), []v1alpha1.PodUsage{{UID: pod.UID, CPUCores: cores, MemoryBytes: bytes}}, now, interval)
		published := profile.Status.Samples[len(profile.Status.Samples)-1]
		for name, pair := range map[string][2]float64{
			"CPU": {measured.CPU, *published.CPUPercent}, "memory": {measured.Memory, *published.MemoryPercent},
			"I/O": {measured.IO, *published.IOPercent}, "network": {measured.Network, *published.NetworkPercent},
		} {
			// The published value is that of the middle of the window, rounded to 0.1.
			if math.Abs(pair[0]-min(100, pair[1])) > 0.3 {
				t.Errorf("%s: measured %v, would be published as %v", name, pair[0], pair[1])
			}
		}
		if len(measured.Pods) != 1 || math.Abs(measured.Pods[0].Cores-0.3) > 1e-3 || measured.Pods[0].Bytes != 256<<20 {
			t.Errorf("got pods %+v", measured.Pods)
		}
		if hardware.Cores != 4 || hardware.MemoryBytes != 8<<30 || hardware.LinkMbps != 100 {
			t.Errorf("got %+v", hardware)
		}
	}
}

func TestAnAgentGetsTheDeclaredSpeedOrNone(t *testing.T) {
	for capacity, want := range map[string]string{
		`{"coreSpeed":2.5}`: "--probe-bind-address=127.0.0.9:19464 --core-speed=2.5",
		`{"iops":100}`:      "--probe-bind-address=127.0.0.9:19464 --core-speed=unknown",
	} {
		c := newTestCluster(t, "", testNode("east-01", "east", capacity))
		i := &instance{runner: c.Runner, address: "127.0.0.9", pod: &corev1.Pod{Spec: corev1.PodSpec{NodeName: "east-01"}}}
		got, err := i.nodeAgentArguments()
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, %v, want %s", capacity, got, err, want)
		}
	}
	// The node controller has not annotated the node yet.
	c := newTestCluster(t, "", testNode("east-01", "east", ""))
	i := &instance{runner: c.Runner, pod: &corev1.Pod{Spec: corev1.PodSpec{NodeName: "east-01"}}}
	if _, err := i.newMachine(t.TempDir()); err == nil || err.Error() != "node east-01 has no declared capacity yet" {
		t.Errorf("got %v", err)
	}
}

const testLinks = `{"version":1,"unit":"ms","regions":[{"name":"east","latitude":0,"longitude":0},{"name":"west","latitude":0,"longitude":40}],
	"links":[{"from":"east","to":"west","rttMs":50,"basis":"measured","source":"s"},{"from":"west","to":"east","rttMs":52,"basis":"measured","source":"s"}]}`

func TestTheNetworkHasTheLinksOfTheFleetUnlessAFileChangesThem(t *testing.T) {
	c := newTestCluster(t, testLinks,
		testNode("east-01", "east", ""), testNode("east-02", "east", ""), testNode("west-01", "west", ""),
		testPod("a", "east-01", "127.0.0.1", "a"), testPod("b", "west-01", "127.0.0.2", "b"))
	read := func(valid bool) {
		t.Helper()
		matrix, err := c.readLinks(t.Context())
		if (err == nil) != valid {
			t.Errorf("got %v", err)
		}
		if err == nil {
			c.links.Store(matrix)
		}
	}
	if _, known := c.roundTrip("127.0.0.1", "west-01"); known {
		t.Error("a link is known before links were read")
	}
	expect := func(from, to string, want time.Duration) {
		t.Helper()
		if got, known := c.roundTrip(from, to); got != want || !known {
			t.Errorf("%s to %s: got %v, %v, want %v", from, to, got, known, want)
		}
	}
	read(true)
	expect("127.0.0.1", "west-01", 50*time.Millisecond)
	expect("127.0.0.2", "east-01", 52*time.Millisecond)
	expect("127.0.0.1", "east-02", 0)
	if _, known := c.roundTrip("127.0.0.3", "west-01"); known {
		t.Error("an unknown sender has a link")
	}
	file := filepath.Join(c.PodsDir, "test", linksFile)
	change := func(text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change(`{"version":1,"unit":"ms","regions":[],"links":[{"from":"east","to":"west","rttMs":200,"basis":"measured","source":"a detour"}]}`)
	read(true)
	expect("127.0.0.1", "west-01", 200*time.Millisecond)
	expect("127.0.0.2", "east-01", 52*time.Millisecond)
	change("{")
	read(false)
	expect("127.0.0.1", "west-01", 200*time.Millisecond)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	read(true)
	expect("127.0.0.1", "west-01", 50*time.Millisecond)
}
