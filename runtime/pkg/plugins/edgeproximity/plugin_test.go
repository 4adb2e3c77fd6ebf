package edgeproximity

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/cache"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

func plugin(t *testing.T, nodes ...fwk.NodeInfo) *Plugin {
	t.Helper()
	matrix, err := links.Parse([]byte(`{"version":1,"unit":"ms","regions":[{"name":"tokyo","latitude":35.7,"longitude":139.7},{"name":"osaka","latitude":34.7,"longitude":135.5},{"name":"sydney","latitude":-33.9,"longitude":151.2}],
	"links":[{"from":"tokyo","to":"osaka","rttMs":50,"basis":"measured","source":"t"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return New(links.Static{Links: matrix}, indexOf(nodes), nil, nil, nil)
}

// indexOf returns an index of nodes.
func indexOf(nodes []fwk.NodeInfo) *Index {
	store := cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers)
	for _, info := range nodes {
		_ = store.Add(info.Node())
	}
	return &Index{store}
}

func node(name string, nodeLabels map[string]string) fwk.NodeInfo {
	info := framework.NewNodeInfo()
	info.SetNode(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: nodeLabels}})
	return info
}

func edge(name, region string) fwk.NodeInfo {
	return node(name, map[string]string{labels.EdgeRegion: region})
}

func cloud(name, region string) fwk.NodeInfo {
	return node(name, map[string]string{labels.TopologyRegion: region})
}

// pod returns a pod with the label required-region or annotations, each as key=value.
func pod(metadata ...string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{}, Annotations: map[string]string{}}}
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

func TestPreFilterNarrowsTheNodes(t *testing.T) {
	nodes := []fwk.NodeInfo{edge("a", "tokyo"), edge("b", "osaka"), cloud("c", "tokyo"), edge("d", "sydney")}
	p, ctx := plugin(t, nodes...), context.Background()
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		want []string
	}{
		"required region":                      {pod("required-region=tokyo"), []string{"a"}},
		"near within a budget":                 {pod("near-region=tokyo", "max-rtt-ms=50"), []string{"a", "b", "c"}},
		"near within a small budget":           {pod("near-region=tokyo", "max-rtt-ms=49.9"), []string{"a", "c"}},
		"an invalid budget":                    {pod("required-region=tokyo", "max-rtt-ms=soon"), []string{"a"}},
		"a fallback without a required region": {pod("near-region=tokyo", "max-rtt-ms=1", "fallback-regions=sydney"), []string{"a", "c"}},
	} {
		result, status := p.PreFilter(ctx, framework.NewCycleState(), test.pod, nodes)
		if !status.IsSuccess() || !result.NodeNames.Equal(sets.New(test.want...)) {
			t.Errorf("%s: got %v %v, want %v", name, result, status, test.want)
		}
	}
	for _, without := range []*corev1.Pod{pod(), pod("near-region=tokyo"), pod("max-rtt-ms=10")} {
		if _, status := p.PreFilter(ctx, framework.NewCycleState(), without, nodes); !status.IsSkip() {
			t.Errorf("without a limit: %v", status)
		}
	}
}

func TestPreFilterExplainsWhyNoNodeIsLeft(t *testing.T) {
	nodes := []fwk.NodeInfo{edge("b", "osaka")}
	p, ctx := plugin(t, nodes...), context.Background()
	for want, pod := range map[string]*corev1.Pod{
		"pod requires region tokyo, where this cluster has no edge node":               pod("required-region=tokyo"),
		`unknown region "atlantis": links.json does not contain it`:                    pod("required-region=atlantis"),
		"pod serves region tokyo, but this cluster has no node within 10 ms of it":     pod("near-region=tokyo", "max-rtt-ms=10"),
		`unknown region "atlantis": links.json does not contain it `:                   pod("near-region=atlantis", "max-rtt-ms=10"),
		"pod requires region tokyo, where this cluster has no edge node within 200 ms": pod("required-region=tokyo", "max-rtt-ms=200"),
	} {
		_, status := p.PreFilter(ctx, framework.NewCycleState(), pod, nodes)
		if status.Code() != fwk.UnschedulableAndUnresolvable || status.Message() != strings.TrimSpace(want) {
			t.Errorf("got %v, want %q", status, want)
		}
	}
}

func TestFilterExplainsRejections(t *testing.T) {
	nodes := []fwk.NodeInfo{edge("a", "tokyo"), edge("b", "osaka"), cloud("c", "tokyo"), edge("d", "sydney")}
	p, ctx := plugin(t, nodes...), context.Background()
	check := func(pod *corev1.Pod, at fwk.NodeInfo, want string) {
		t.Helper()
		state := framework.NewCycleState()
		p.constraints.Write(state, parseConstraints(pod))
		if status := p.Filter(ctx, state, pod, at); status.Message() != want {
			t.Errorf("got %v, want %q", status, want)
		}
	}
	check(pod("required-region=tokyo"), nodes[0], "")
	check(pod("required-region=tokyo"), nodes[1], "node is in osaka, pod requires tokyo")
	check(pod("required-region=tokyo"), nodes[2], "node has no edge region, pod requires tokyo")
	check(pod("required-region=tokyo", "fallback-regions=osaka,sydney"), nodes[1], "")
	check(pod("required-region=sydney", "fallback-regions=osaka"), nodes[0], "node is in tokyo, pod requires sydney or osaka")
	check(pod("near-region=tokyo", "max-rtt-ms=60"), nodes[3], "node is in sydney, more than 60 ms from tokyo")
	check(pod("near-region=tokyo", "max-rtt-ms=60"), nodes[2], "")
	// The links contain neither region.
	check(pod("near-region=mars", "max-rtt-ms=80"), edge("e", "mars"), "")
	check(pod("near-region=mars", "max-rtt-ms=80"), edge("e", "venus"), "node is in venus, at an unknown round-trip time from mars, pod must be within 80 ms")
	check(pod("near-region=tokyo", "max-rtt-ms=80"), node("e", nil), "node has no region, pod must be within 80 ms of tokyo")
}

func TestScoreByRoundTripAndByOrder(t *testing.T) {
	p, ctx := plugin(t), context.Background()
	score := func(pod *corev1.Pod, at fwk.NodeInfo) int64 {
		state := framework.NewCycleState()
		p.constraints.Write(state, parseConstraints(pod))
		got, status := p.Score(ctx, state, pod, at)
		if !status.IsSuccess() {
			t.Error(status)
		}
		return got
	}
	for region, want := range map[string]int64{"tokyo": 100, "osaka": 50, "sydney": 18, "atlantis": 0} {
		if got := score(pod("near-region=tokyo"), edge("n", region)); got != want {
			t.Errorf("%s: got %d, want %d", region, got, want)
		}
	}
	ordered := pod("required-region=tokyo", "fallback-regions=sydney,osaka")
	for region, want := range map[string]int64{"tokyo": 100, "sydney": 66, "osaka": 33} {
		if got := score(ordered, edge("n", region)); got != want {
			t.Errorf("%s in order: got %d, want %d", region, got, want)
		}
	}
	if status := p.PreScore(ctx, framework.NewCycleState(), pod(), nil); !status.IsSkip() {
		t.Errorf("pod without a region: %v", status)
	}
}
