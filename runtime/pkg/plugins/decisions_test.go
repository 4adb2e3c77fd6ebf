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

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
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

// bed is a real scheduler with all three plugins, whose clock and data a test sets.
type bed struct {
	t       *testing.T
	clock   *clocktesting.FakePassiveClock
	store   *load.Store
	cluster *simulation.Cluster
	events  chan string
	count   int
}

func newBed(t *testing.T, loadAware string, nodes ...*corev1.Node) *bed {
	t.Helper()
	parsed, err := links.Parse([]byte(matrix))
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, clock: clocktesting.NewFakePassiveClock(start), store: &load.Store{}, events: make(chan string, 10_000)}
	environment := plugins.Environment{
		Clock:    b.clock,
		Links:    func(context.Context, string) (links.Source, error) { return links.Static{Links: parsed}, nil },
		Profiles: func(context.Context, fwk.Handle) (load.Source, error) { return b.store, nil },
	}
	b.cluster, err = simulation.NewCluster(t.Context(), simulation.Options{
		Nodes: nodes, Config: fmt.Appendf(nil, config, loadAware), Registry: environment.Registry(), Events: b.events,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func node(name, region, cores, memory string) *corev1.Node {
	room := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cores), corev1.ResourceMemory: resource.MustParse(memory), corev1.ResourcePods: resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{labels.EdgeRegion: region, "kubernetes.io/hostname": name}},
		Status:     corev1.NodeStatus{Capacity: room, Allocatable: room},
	}
}

// pod with a request of cpu, and what it says: key=value, the label required-region or annotations.
func (b *bed) pod(cpu string, says ...string) *corev1.Pod {
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
	for _, each := range says {
		key, value, _ := strings.Cut(each, "=")
		if key == labels.RequiredRegion {
			p.Labels[key] = value
		} else {
			p.Annotations["skerry.dev/"+key] = value
		}
	}
	return p
}

func (b *bed) place(pod *corev1.Pod) string {
	b.t.Helper()
	at, err := b.cluster.Schedule(b.t.Context(), pod)
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

func (b *bed) sample(node string, age time.Duration, cpu, memory, network float64) {
	b.store.Put(node, &load.Profile{
		Capability: load.Of(4, 8, 5000, 1), Usage: load.Of(cpu, memory, 0, network),
		Time: b.clock.Now().Add(-age), Window: 30 * time.Second,
	})
}

func (b *bed) lastEvent(reason string) string {
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

func TestARegionWithRoomIsTakenInTheStatedOrder(t *testing.T) {
	b := newBed(t, "", node("tokyo-1", "tokyo", "1", "8Gi"), node("osaka-1", "osaka", "1", "8Gi"), node("sydney-1", "sydney", "4", "8Gi"))
	says := []string{"required-region=tokyo", "fallback-regions=osaka,sydney"}
	for i, want := range []string{"tokyo-1", "osaka-1", "sydney-1", "sydney-1"} {
		if got := b.place(b.pod("700m", says...)); got != want {
			t.Errorf("pod %d: got %s, want %s", i, got, want)
		}
	}
	if _, err := b.cluster.Schedule(t.Context(), b.pod("700m", "required-region=tokyo")); err == nil || !strings.Contains(err.Error(), "Insufficient cpu") {
		t.Errorf("without a fallback: %v", err)
	}
}

func TestThePodIsToldWhereAndWhy(t *testing.T) {
	b := newBed(t, "", node("tokyo-1", "tokyo", "1", "8Gi"), node("osaka-1", "osaka", "1", "8Gi"))
	b.sample("osaka-1", 20*time.Second, 0.1, 0.2, 0.3)
	b.place(b.pod("700m", "required-region=tokyo"))
	_ = b.lastEvent("Placed")
	b.place(b.pod("700m", "required-region=tokyo", "fallback-regions=osaka", "resource-profile=cpu-heavy", "max-rtt-ms=soon"))
	event := b.lastEvent("Placed")
	for _, want := range []string{
		"osaka-1: ", "EdgeProximity: osaka, fallback 1 of 1, 9 ms measured from tokyo: no room in tokyo",
		`ignored: annotation skerry.dev/max-rtt-ms: got "soon"`, "ResourceProfile: cpu-heavy: shape ",
		"LoadAware: cpu 80 %, memory 21 %, network 30 %, data fresh, 20s old",
	} {
		if !strings.Contains(event, want) {
			t.Errorf("%q lacks %q", event, want)
		}
	}
}

func TestAnIllRegionIsPassedOver(t *testing.T) {
	ill, cordoned := node("tokyo-1", "tokyo", "4", "8Gi"), node("tokyo-2", "tokyo", "4", "8Gi")
	ill.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}
	cordoned.Spec.Unschedulable = true
	b := newBed(t, "", ill, cordoned, node("osaka-1", "osaka", "1", "8Gi"))
	if got := b.place(b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")); got != "osaka-1" {
		t.Errorf("got %s", got)
	}
}

func TestOthersConstraintsDecideAmongAllRegions(t *testing.T) {
	b := newBed(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"))
	pod := func() *corev1.Pod {
		p := b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80, Protocol: corev1.ProtocolTCP}}
		return p
	}
	if first, second := b.place(pod()), b.place(pod()); first != "tokyo-1" || second != "osaka-1" {
		t.Errorf("got %s, then %s", first, second)
	}
}

func TestABusyNodeIsAvoidedThoughItsRequestsAreFew(t *testing.T) {
	b := newBed(t, "", node("a", "tokyo", "4", "8Gi"), node("b", "tokyo", "4", "8Gi"))
	b.sample("a", 10*time.Second, 0.8, 0.5, 0.2)
	b.sample("b", 10*time.Second, 0.1, 0.5, 0.2)
	b.place(b.pod("400m"))
	for range 3 {
		if got := b.place(b.pod("200m")); got != "b" {
			t.Errorf("got %s", got)
		}
	}
	// Over the threshold, a node takes nothing, and says so.
	b.sample("a", 0, 0.95, 0.95, 0.2)
	b.sample("b", 0, 0.95, 0.95, 0.2)
	_, err := b.cluster.Schedule(t.Context(), b.pod("100m"))
	if err == nil || !strings.Contains(err.Error(), "node's memory would be over 90 %") {
		t.Errorf("got %v", err)
	}
	daemon := b.pod("100m")
	controller := true
	daemon.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "DaemonSet", Name: "d", UID: "d", Controller: &controller}}
	b.place(daemon)
}

func TestFrozenDataIsForgottenLittleByLittle(t *testing.T) {
	b := newBed(t, "", node("idle", "tokyo", "4", "8Gi"), node("full", "tokyo", "4", "8Gi"))
	b.sample("idle", 0, 0.1, 0.1, 0.1)
	b.sample("full", 0, 0.5, 0.5, 0.5)
	b.clock.SetTime(start.Add(10 * time.Second))
	for range 10 {
		b.place(b.pod("200m"))
	}
	// By now all but a little were placed on the idle node. Without news, requests count: the other one is next.
	b.clock.SetTime(start.Add(time.Hour))
	for range 3 {
		if got := b.place(b.pod("200m")); got != "full" {
			t.Errorf("got %s", got)
		}
	}
}

func TestMissingData(t *testing.T) {
	nodes := []*corev1.Node{node("a", "tokyo", "4", "8Gi"), node("b", "tokyo", "4", "8Gi")}
	for name, age := range map[string]time.Duration{"none": 0, "from the future": -time.Hour} {
		closed := newBed(t, ", whenMissing: Closed", nodes...)
		opened := newBed(t, "", nodes...)
		if age != 0 {
			for _, each := range []string{"a", "b"} {
				closed.sample(each, age, 0.1, 0.1, 0.1)
				opened.sample(each, age, 0.1, 0.1, 0.1)
			}
		}
		opened.place(opened.pod("100m"))
		if _, err := closed.cluster.Schedule(t.Context(), closed.pod("100m")); err == nil || !strings.Contains(err.Error(), "no usage data that can be trusted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABurstOnFrozenMetricsIsSpread(t *testing.T) {
	var nodes []*corev1.Node
	for i := range 20 {
		nodes = append(nodes, node(fmt.Sprintf("n-%02d", i), "tokyo", "16", "64Gi"))
	}
	b := newBed(t, "", nodes...)
	for i, each := range nodes {
		b.sample(each.Name, 5*time.Minute, 0.1+0.001*float64(i), 0.2, 0.1)
	}
	counts := map[string]int{}
	for range 200 {
		counts[b.place(b.pod("250m"))]++
	}
	most := 0
	for _, count := range counts {
		most = max(most, count)
	}
	if most > 11 {
		t.Errorf("200 pods on 20 nodes: %d on one, want at most 11: %v", most, counts)
	}
}

func TestTheRightShapeWinsWhenItCanCarryTheWork(t *testing.T) {
	b := newBed(t, "", node("tiny", "tokyo", "1", "1Gi"), node("big", "tokyo", "8", "16Gi"), node("disk", "tokyo", "8", "16Gi"))
	put := func(name string, capability load.Vector) {
		b.store.Put(name, &load.Profile{Capability: capability, Usage: load.Of(0, 0, 0, 0), Time: start, Window: 30 * time.Second})
	}
	put("tiny", load.Of(1, 1, 10_000, 1))
	put("big", load.Of(8, 16, 1_000, 1))
	put("disk", load.Of(8, 16, 10_000, 1))
	for range 3 {
		if got := b.place(b.pod("800m", "resource-profile=io-heavy")); got != "disk" {
			t.Errorf("got %s", got)
		}
	}
}
