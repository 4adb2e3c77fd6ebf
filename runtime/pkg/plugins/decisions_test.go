package plugins_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func TestPlacesPodsInTheFirstRegionWithRoom(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "1", "8Gi"), node("osaka-1", "osaka", "1", "8Gi"), node("sydney-1", "sydney", "4", "8Gi"))
	metadata := []string{"required-region=tokyo", "fallback-regions=osaka,sydney"}
	for i, want := range []string{"tokyo-1", "osaka-1", "sydney-1", "sydney-1"} {
		if got := b.place(b.pod("700m", metadata...)); got != want {
			t.Errorf("pod %d: got %s, want %s", i, got, want)
		}
	}
	if _, err := b.cluster.Schedule(t.Context(), b.pod("700m", "required-region=tokyo")); err == nil || !strings.Contains(err.Error(), "Insufficient cpu") {
		t.Errorf("without a fallback: %v", err)
	}
}

func TestFallsBackFromABusyRegion(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "8", "16Gi"), node("osaka-1", "osaka", "8", "16Gi"))
	b.sample("tokyo-1", 0, 0.1, 0.95, 0)
	if got := b.place(b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")); got != "osaka-1" {
		t.Errorf("got %s", got)
	}
	if event := b.lastEvent("Scheduled"); !strings.Contains(event, "fallback 1 of 1, 9 ms measured from tokyo: no room in tokyo") {
		t.Error(event)
	}
}

func TestScheduledEventExplainsThePlacement(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "1", "8Gi"), node("osaka-1", "osaka", "1", "8Gi"))
	b.sample("osaka-1", 20*time.Second, 0.1, 0.2, 0.3)
	b.place(b.pod("700m", "required-region=tokyo"))
	_ = b.lastEvent("Scheduled")
	b.place(b.pod("700m", "required-region=tokyo", "fallback-regions=osaka", "resource-profile=cpu-heavy", "max-rtt-ms=soon"))
	event := b.lastEvent("Scheduled")
	for _, want := range []string{
		"osaka-1: ", "EdgeProximity: osaka, fallback 1 of 1, 9 ms measured from tokyo: no room in tokyo",
		`EdgeProximity: ignored: annotation skerry.dev/max-rtt-ms: "soon": must be a number of ms above 0`, "ResourceProfile: cpu-heavy: shape ",
		"LoadAware: cpu 80 %, memory 21 %, network 30 %, data fresh, 20s old",
	} {
		if !strings.Contains(event, want) {
			t.Errorf("%q lacks %q", event, want)
		}
	}
}

func TestReportsAnnotationsWithoutARegion(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "1", "8Gi"))
	for annotation, want := range map[string]string{
		"max-rtt-ms=80":          `ignored: annotation skerry.dev/max-rtt-ms: "80": must be used with`,
		"fallback-regions=osaka": `ignored: annotation skerry.dev/fallback-regions: "osaka": must be used with`,
	} {
		b.place(b.pod("100m", annotation))
		if event := b.lastEvent("Scheduled"); !strings.Contains(event, want) {
			t.Errorf("%q lacks %q", event, want)
		}
	}
}

func TestEventWithManyRegionsStaysWithinTheLimit(t *testing.T) {
	var fallbacks []string
	for i := range 39 {
		fallbacks = append(fallbacks, fmt.Sprintf("a-region-with-a-rather-long-name-%02d", i))
	}
	b := newTestCluster(t, "", node("n-1", fallbacks[38], "1", "8Gi"))
	b.place(b.pod("100m", "required-region=tokyo", "fallback-regions="+strings.Join(fallbacks, ",")))
	event := strings.TrimPrefix(b.lastEvent("Scheduled"), "Normal Scheduled ")
	for _, want := range []string{"to n-1: EdgeProximity: " + fallbacks[38] + ", fallback 39 of 39, ", ": no room in tokyo, a-region", ", 33 more; LoadAware: "} {
		if !strings.Contains(event, want) {
			t.Errorf("%q lacks %q", event, want)
		}
	}
	if len(event) > 1024 {
		t.Errorf("%d bytes", len(event))
	}
}

func TestFallsBackFromARegionWithoutSchedulableNodes(t *testing.T) {
	tainted, cordoned := node("tokyo-1", "tokyo", "4", "8Gi"), node("tokyo-2", "tokyo", "4", "8Gi")
	tainted.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}
	cordoned.Spec.Unschedulable = true
	b := newTestCluster(t, "", tainted, cordoned, node("osaka-1", "osaka", "1", "8Gi"))
	if got := b.place(b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")); got != "osaka-1" {
		t.Errorf("got %s", got)
	}
}

func TestFallsBackWhenAnotherPluginRejectsTheRegion(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"))
	pod := func() *corev1.Pod {
		p := b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")
		p.Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80, Protocol: corev1.ProtocolTCP}}
		return p
	}
	if first, second := b.place(pod()), b.place(pod()); first != "tokyo-1" || second != "osaka-1" {
		t.Errorf("got %s, then %s", first, second)
	}
}

func TestAvoidsBusyNodesWithFewRequests(t *testing.T) {
	b := newTestCluster(t, "", node("a", "tokyo", "4", "8Gi"), node("b", "tokyo", "4", "8Gi"))
	b.sample("a", 10*time.Second, 0.8, 0.5, 0.2)
	b.sample("b", 10*time.Second, 0.1, 0.5, 0.2)
	b.place(b.pod("400m"))
	for range 3 {
		if got := b.place(b.pod("200m")); got != "b" {
			t.Errorf("got %s", got)
		}
	}
	// Above the threshold, nodes are rejected with a reason.
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

func TestIgnoresSamplesThatAreTooOld(t *testing.T) {
	b := newTestCluster(t, "", node("idle", "tokyo", "4", "8Gi"), node("full", "tokyo", "4", "8Gi"))
	b.sample("idle", 0, 0.1, 0.1, 0.1)
	b.sample("full", 0, 0.5, 0.5, 0.5)
	b.clock.SetTime(start.Add(10 * time.Second))
	for range 10 {
		b.place(b.pod("200m"))
	}
	// Most pods were placed on the idle node. Without fresh samples, requests count, so the other node is next.
	b.clock.SetTime(start.Add(time.Hour))
	for range 3 {
		if got := b.place(b.pod("200m")); got != "full" {
			t.Errorf("got %s", got)
		}
	}
}

func TestMissingMetricsPolicy(t *testing.T) {
	nodes := []*corev1.Node{node("a", "tokyo", "4", "8Gi"), node("b", "tokyo", "4", "8Gi")}
	for name, age := range map[string]time.Duration{"none": 0, "from the future": -time.Hour} {
		deny := newTestCluster(t, ", missingMetricsPolicy: Deny", nodes...)
		allow := newTestCluster(t, "", nodes...)
		if age != 0 {
			for _, name := range []string{"a", "b"} {
				deny.sample(name, age, 0.1, 0.1, 0.1)
				allow.sample(name, age, 0.1, 0.1, 0.1)
			}
		}
		allow.place(allow.pod("100m"))
		if _, err := deny.cluster.Schedule(t.Context(), deny.pod("100m")); err == nil || !strings.Contains(err.Error(), "no fresh usage data") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSpreadsABurstWithoutNewSamples(t *testing.T) {
	var nodes []*corev1.Node
	for i := range 20 {
		nodes = append(nodes, node(fmt.Sprintf("n-%02d", i), "tokyo", "16", "64Gi"))
	}
	b := newTestCluster(t, "", nodes...)
	cores, sum := map[string]float64{}, 0.0
	for i, node := range nodes {
		used := 0.1 + 0.001*float64(i)
		b.sample(node.Name, 5*time.Minute, used, 0.2, 0.1)
		cores[node.Name] = 16 * used
		sum += 16 * used
	}
	for range 200 {
		cores[b.place(b.pod("250m"))] += 0.25
		sum += 0.25
	}
	// Three pods change the score by one point, and ties between equal scores are broken randomly.
	limit := sum/20 + 3*0.25
	for name, used := range cores {
		if used > limit {
			t.Errorf("200 pods on 20 nodes: %s has %v cores in use, want at most %v", name, used, limit)
		}
	}
}

func TestPrefersTheRightShapeWithEnoughHeadroom(t *testing.T) {
	b := newTestCluster(t, "", node("tiny", "tokyo", "1", "1Gi"), node("big", "tokyo", "8", "16Gi"), node("disk", "tokyo", "8", "16Gi"))
	put := func(name string, capability load.Vector) {
		b.store.Put(name, &load.Profile{Capability: capability, Usage: load.NewVector(0, 0, 0, 0), Time: start, Window: 30 * time.Second})
	}
	put("tiny", load.NewVector(1, 1, 10_000, 1))
	put("big", load.NewVector(8, 16, 1_000, 1))
	put("disk", load.NewVector(8, 16, 10_000, 1))
	for range 3 {
		if got := b.place(b.pod("800m", "resource-profile=io-heavy")); got != "disk" {
			t.Errorf("got %s", got)
		}
	}
}

func TestPrefersTheNearestNodesOfALargeCluster(t *testing.T) {
	nodes := []*corev1.Node{node("tokyo-1", "tokyo", "1", "8Gi"), node("tokyo-2", "tokyo", "1", "8Gi")}
	for i := range 120 {
		nodes = append(nodes, node(fmt.Sprintf("osaka-%d", i), "osaka", "1", "8Gi"), node(fmt.Sprintf("sydney-%d", i), "sydney", "1", "8Gi"))
	}
	b := newTestCluster(t, "", nodes...)
	placed := map[string]int{}
	for range 122 {
		region, _, _ := strings.Cut(b.place(b.pod("600m", "near-region=tokyo")), "-")
		placed[region]++
	}
	if placed["tokyo"] != 2 || placed["osaka"] != 120 {
		t.Errorf("got %v, want both nodes of tokyo first, then those of osaka", placed)
	}
	// When they are full, the next region follows.
	if got := b.place(b.pod("600m", "near-region=tokyo")); !strings.HasPrefix(got, "sydney") {
		t.Errorf("got %s", got)
	}
}
