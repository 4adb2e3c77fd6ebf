package plugins_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pinned returns a pod that selects one node by its hostname.
func (b *testCluster) pinned(node, cpu string) *corev1.Pod {
	p := b.pod(cpu)
	p.Spec.NodeSelector = map[string]string{"kubernetes.io/hostname": node}
	return p
}

// antiAffinity returns required pod anti-affinity to an app.
func antiAffinity(app, topologyKey string) *corev1.Affinity {
	return &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}, TopologyKey: topologyKey,
	}}}}
}

// sidecars returns a sidecar that listens on a host port.
func sidecars(port int32) []corev1.Container {
	always := corev1.ContainerRestartPolicyAlways
	return []corev1.Container{{
		Name: "sidecar", RestartPolicy: &always, Ports: []corev1.ContainerPort{{ContainerPort: port, HostPort: port, Protocol: corev1.ProtocolTCP}},
	}}
}

// hardSpread returns a hard topology spread constraint.
func hardSpread(app, topologyKey string) []corev1.TopologySpreadConstraint {
	return []corev1.TopologySpreadConstraint{{
		MaxSkew: 1, TopologyKey: topologyKey, WhenUnsatisfiable: corev1.DoNotSchedule,
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}},
	}}
}

func TestFallsBackFromPodAntiAffinity(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"))
	running := b.pinned("tokyo-1", "100m")
	running.Spec.Affinity = antiAffinity("web", "kubernetes.io/hostname")
	b.place(running)
	pod := b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")
	pod.Labels["app"] = "web"
	if got := b.place(pod); got != "osaka-1" {
		t.Errorf("got %s", got)
	}
}

func TestFallsBackWhenTheHostPortOfASidecarIsTaken(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("osaka-1", "osaka", "4", "8Gi"))
	for _, want := range []string{"tokyo-1", "osaka-1"} {
		pod := b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")
		pod.Spec.InitContainers = sidecars(80)
		if got := b.place(pod); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPlacesTolerantPodsOnCordonedNodes(t *testing.T) {
	cordoned := node("tokyo-1", "tokyo", "4", "8Gi")
	cordoned.Spec.Unschedulable = true
	cordoned.Spec.Taints = []corev1.Taint{{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}}
	b := newTestCluster(t, "", cordoned, node("osaka-1", "osaka", "4", "8Gi"))
	pod := b.pod("100m", "required-region=tokyo", "fallback-regions=osaka")
	pod.Spec.Tolerations = []corev1.Toleration{{Key: corev1.TaintNodeUnschedulable, Operator: corev1.TolerationOpExists}}
	if got := b.place(pod); got != "tokyo-1" {
		t.Errorf("got %s", got)
	}
}

func TestKeepsTheOrderOfRegionsInALargeCluster(t *testing.T) {
	var nodes []*corev1.Node
	for i := range 300 {
		nodes = append(nodes, node(fmt.Sprintf("osaka-%d", i), "osaka", "1", "8Gi"))
	}
	wants := []string{"osaka"}
	for i := range 8 {
		nodes, wants = append(nodes, node(fmt.Sprintf("tokyo-%d", i), "tokyo", "1", "8Gi")), append([]string{"tokyo"}, wants...)
	}
	b := newTestCluster(t, "", nodes...)
	for _, want := range wants {
		pod := b.pod("600m", "required-region=tokyo", "fallback-regions=osaka")
		pod.Spec.Affinity = antiAffinity("other", "kubernetes.io/hostname")
		if got := b.place(pod); !strings.HasPrefix(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestFindsFreeNodesBeyondTheNearestHundred(t *testing.T) {
	var nodes []*corev1.Node
	for i := range 110 {
		nodes = append(nodes, node(fmt.Sprintf("osaka-%d", i), "osaka", "1", "8Gi"))
	}
	for i := range 5 {
		nodes = append(nodes, node(fmt.Sprintf("sydney-%d", i), "sydney", "1", "8Gi"))
	}
	b := newTestCluster(t, "", nodes...)
	running := b.pinned("osaka-0", "100m")
	running.Spec.Affinity = antiAffinity("web", "edge-region")
	b.place(running)
	for range 5 {
		pod := b.pod("600m", "near-region=tokyo")
		pod.Labels["app"] = "web"
		if got := b.place(pod); !strings.HasPrefix(got, "sydney") {
			t.Errorf("got %s", got)
		}
	}
}

func TestNodesWithoutARegionAreTheLastChoice(t *testing.T) {
	var nodes []*corev1.Node
	for i := range 110 {
		nodes = append(nodes, node(fmt.Sprintf("osaka-%d", i), "osaka", "1", "8Gi"))
	}
	nodes = append(nodes, node("somewhere", "", "4", "8Gi"))
	b := newTestCluster(t, "", nodes...)
	if got := b.place(b.pod("600m", "near-region=tokyo")); !strings.HasPrefix(got, "osaka") {
		t.Errorf("got %s", got)
	}
	if got := b.place(b.pod("2", "near-region=tokyo")); got != "somewhere" {
		t.Errorf("got %s", got)
	}
}

func TestHardTopologySpreadCountsOnlyAllowedNodes(t *testing.T) {
	for name, metadata := range map[string][]string{
		"required":      {"required-region=tokyo"},
		"with fallback": {"required-region=tokyo", "fallback-regions=osaka"},
		"in a budget":   {"near-region=tokyo", "max-rtt-ms=20"},
		"both":          {"required-region=tokyo", "fallback-regions=sydney", "max-rtt-ms=20"},
	} {
		cloud := node("cloud-1", "", "4", "8Gi")
		cloud.Labels["topology.kubernetes.io/region"] = "sydney"
		b := newTestCluster(t, "", node("tokyo-1", "tokyo", "4", "8Gi"), node("tokyo-2", "tokyo", "4", "8Gi"), node("tokyo-3", "tokyo", "4", "8Gi"),
			node("sydney-1", "sydney", "4", "8Gi"), node("sydney-2", "sydney", "4", "8Gi"), cloud)
		placed := map[string]int{}
		for range 6 {
			pod := b.pod("100m", metadata...)
			pod.Labels["app"] = "web"
			pod.Spec.TopologySpreadConstraints = hardSpread("web", "kubernetes.io/hostname")
			placed[b.place(pod)]++
		}
		if placed["tokyo-1"] != 2 || placed["tokyo-2"] != 2 || placed["tokyo-3"] != 2 {
			t.Errorf("%s: %v", name, placed)
		}
	}
}
