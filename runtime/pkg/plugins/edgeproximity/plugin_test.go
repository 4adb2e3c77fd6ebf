package edgeproximity

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

func plugin(t *testing.T) *Plugin {
	t.Helper()
	matrix, err := links.Parse([]byte(`{"version":1,"unit":"ms","regions":[{"name":"tokyo","latitude":0,"longitude":0},{"name":"osaka","latitude":0,"longitude":0},{"name":"sydney","latitude":0,"longitude":0}],
	"links":[{"from":"tokyo","to":"osaka","rttMs":50,"basis":"measured","source":"t"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return New(links.Static{Links: matrix})
}

func node(name string, nodeLabels map[string]string) fwk.NodeInfo {
	info := framework.NewNodeInfo()
	info.SetNode(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: nodeLabels}})
	return info
}

func edge(name, region string) fwk.NodeInfo {
	return node(name, map[string]string{labels.EdgeRegion: region})
}

func pod(required, near string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{}, Annotations: map[string]string{}}}
	if required != "" {
		p.Labels[labels.RequiredRegion] = required
	}
	if near != "" {
		p.Annotations[NearRegion] = near
	}
	return p
}

func TestPreFilterNarrowsToTheRegion(t *testing.T) {
	p, ctx := plugin(t), context.Background()
	nodes := []fwk.NodeInfo{edge("a", "tokyo"), edge("b", "osaka"), node("c", map[string]string{labels.TopologyRegion: "tokyo"})}
	result, status := p.PreFilter(ctx, nil, pod("tokyo", ""), nodes)
	if !status.IsSuccess() || result.NodeNames.Len() != 1 || !result.NodeNames.Has("a") {
		t.Errorf("%v %v", result, status)
	}
	for region, want := range map[string]string{"sydney": "this cluster has no edge node", "atlantis": "the fleet does not have"} {
		if _, status := p.PreFilter(ctx, nil, pod(region, ""), nodes); !strings.Contains(status.Message(), want) {
			t.Errorf("%s: %v", region, status)
		}
	}
	if _, status := p.PreFilter(ctx, nil, pod("", "tokyo"), nodes); !status.IsSkip() {
		t.Errorf("without a demand: %v", status)
	}
}

func TestFilterSaysWhy(t *testing.T) {
	p, ctx := plugin(t), context.Background()
	if status := p.Filter(ctx, nil, pod("tokyo", ""), edge("a", "tokyo")); !status.IsSuccess() {
		t.Error(status)
	}
	for want, at := range map[string]fwk.NodeInfo{
		"node is in osaka, pod requires tokyo":          edge("b", "osaka"),
		"node is in no edge region, pod requires tokyo": node("c", map[string]string{labels.TopologyRegion: "tokyo"}),
	} {
		status := p.Filter(ctx, nil, pod("tokyo", ""), at)
		if status.Code() != fwk.UnschedulableAndUnresolvable || status.Message() != want {
			t.Errorf("got %v, want %q", status, want)
		}
	}
	if status := p.Filter(ctx, nil, pod("", ""), edge("b", "osaka")); !status.IsSuccess() {
		t.Error(status)
	}
}

func TestScoreHalvesWithEachHalfScore(t *testing.T) {
	p, ctx := plugin(t), context.Background()
	for region, want := range map[string]int64{"tokyo": 100, "osaka": 50, "sydney": 0} {
		if got, status := p.Score(ctx, nil, pod("", "tokyo"), edge("n", region)); got != want || !status.IsSuccess() {
			t.Errorf("%s: got %d, want %d (%v)", region, got, want, status)
		}
	}
	if status := p.PreScore(ctx, nil, pod("", ""), nil); !status.IsSkip() {
		t.Errorf("a pod without a region is scored: %v", status)
	}
}

func TestHints(t *testing.T) {
	osaka, tokyo := edge("n", "osaka").Node(), edge("n", "tokyo").Node()
	for name, each := range map[string]struct {
		before, after any
		want          fwk.QueueingHint
	}{
		"a node appears in the region": {nil, tokyo, fwk.Queue},
		"a node appears elsewhere":     {nil, osaka, fwk.QueueSkip},
		"a node moves in":              {osaka, tokyo, fwk.Queue},
		"a node stays":                 {tokyo, tokyo, fwk.QueueSkip},
	} {
		if got, err := nodeHelps(klog.Background(), pod("tokyo", ""), each.before, each.after); got != each.want || err != nil {
			t.Errorf("%s: got %v, want %v", name, got, each.want)
		}
	}
}
