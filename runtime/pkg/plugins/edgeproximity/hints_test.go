package edgeproximity

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// sized is a node with so many cores.
func sized(region, cores string) *corev1.Node {
	n := edge("n", region).Node()
	n.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cores)}
	return n
}

func TestHints(t *testing.T) {
	osaka, tokyo := edge("n", "osaka").Node(), edge("n", "tokyo").Node()
	tainted := edge("n", "tokyo").Node()
	tainted.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}
	cordoned := edge("n", "tokyo").Node()
	cordoned.Spec.Unschedulable = true
	for name, each := range map[string]struct {
		before, after any
		want          fwk.QueueingHint
	}{
		"a node appears in the region":   {nil, tokyo, fwk.Queue},
		"a node appears in the fallback": {nil, osaka, fwk.Queue},
		"a node appears elsewhere":       {nil, edge("n", "sydney").Node(), fwk.QueueSkip},
		"a node moves in":                {edge("n", "sydney").Node(), tokyo, fwk.Queue},
		"a node stays":                   {tokyo, tokyo, fwk.QueueSkip},
		"a node gets well":               {tainted, tokyo, fwk.Queue},
		"a node is uncordoned":           {cordoned, tokyo, fwk.Queue},
		"a node gets ill":                {tokyo, tainted, fwk.QueueSkip},
		"a node grows":                   {tokyo, sized("tokyo", "4"), fwk.Queue},
		"a node shrinks":                 {sized("tokyo", "4"), sized("tokyo", "2"), fwk.QueueSkip},
	} {
		got, err := nodeHelps(klog.Background(), pod("required-region=tokyo", "fallback-regions=osaka"), each.before, each.after)
		if got != each.want || err != nil {
			t.Errorf("%s: got %v, want %v", name, got, each.want)
		}
	}
}

func TestAPodThatLeavesOneOfSeveralRegionsWakesThoseThatWaitThere(t *testing.T) {
	p := plugin(t, edge("a", "tokyo"), edge("b", "osaka"), edge("c", "sydney"))
	on := func(node string) *corev1.Pod { return &corev1.Pod{Spec: corev1.PodSpec{NodeName: node}} }
	several := pod("required-region=tokyo", "fallback-regions=osaka")
	for name, each := range map[string]struct {
		waiting, gone *corev1.Pod
		want          fwk.QueueingHint
	}{
		"from the fallback":     {several, on("b"), fwk.Queue},
		"from elsewhere":        {several, on("c"), fwk.QueueSkip},
		"from a node that left": {several, on("d"), fwk.QueueSkip},
		"never placed":          {several, on(""), fwk.QueueSkip},
		// The attempt looked at all nodes of the region, so the other plugins know what they wait for.
		"one region":   {pod("required-region=tokyo"), on("a"), fwk.QueueSkip},
		"nearness":     {pod("near-region=tokyo"), on("c"), fwk.Queue},
		"says nothing": {pod(), on("a"), fwk.QueueSkip},
	} {
		if got, err := p.leavingHelps(klog.Background(), each.waiting, each.gone, nil); got != each.want || err != nil {
			t.Errorf("%s: got %v, want %v", name, got, each.want)
		}
	}
}
