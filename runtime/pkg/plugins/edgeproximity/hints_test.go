package edgeproximity

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"
)

// nodeWithCores returns a node with allocatable cores.
func nodeWithCores(region, cores string) *corev1.Node {
	n := edge("n", region).Node()
	n.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cores)}
	return n
}

func TestQueuesPodsAfterRelevantNodeChanges(t *testing.T) {
	osaka, tokyo := edge("n", "osaka").Node(), edge("n", "tokyo").Node()
	tainted := edge("n", "tokyo").Node()
	tainted.Spec.Taints = []corev1.Taint{{Key: "node.kubernetes.io/not-ready", Effect: corev1.TaintEffectNoSchedule}}
	cordoned := edge("n", "tokyo").Node()
	cordoned.Spec.Unschedulable = true
	for name, test := range map[string]struct {
		before, after any
		want          fwk.QueueingHint
	}{
		"node added in the region":   {nil, tokyo, fwk.Queue},
		"node added in the fallback": {nil, osaka, fwk.Queue},
		"node added elsewhere":       {nil, edge("n", "sydney").Node(), fwk.QueueSkip},
		"node moves into the region": {edge("n", "sydney").Node(), tokyo, fwk.Queue},
		"node unchanged":             {tokyo, tokyo, fwk.QueueSkip},
		"node loses a taint":         {tainted, tokyo, fwk.Queue},
		"node is uncordoned":         {cordoned, tokyo, fwk.Queue},
		"node gets a taint":          {tokyo, tainted, fwk.QueueSkip},
		"node grows":                 {tokyo, nodeWithCores("tokyo", "4"), fwk.Queue},
		"node shrinks":               {nodeWithCores("tokyo", "4"), nodeWithCores("tokyo", "2"), fwk.QueueSkip},
	} {
		got, err := queueAfterNodeChange(klog.Background(), pod("required-region=tokyo", "fallback-regions=osaka"), test.before, test.after)
		if got != test.want || err != nil {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestQueuesPodsWithSeveralRegionsAfterPodDeletions(t *testing.T) {
	p := plugin(t, edge("a", "tokyo"), edge("b", "osaka"), edge("c", "sydney"))
	on := func(node string) *corev1.Pod { return &corev1.Pod{Spec: corev1.PodSpec{NodeName: node}} }
	several := pod("required-region=tokyo", "fallback-regions=osaka")
	for name, test := range map[string]struct {
		waiting, deleted *corev1.Pod
		want             fwk.QueueingHint
	}{
		"from the fallback":   {several, on("b"), fwk.Queue},
		"from elsewhere":      {several, on("c"), fwk.QueueSkip},
		"from a deleted node": {several, on("d"), fwk.QueueSkip},
		"never placed":        {several, on(""), fwk.QueueSkip},
		// All nodes of the region were filtered, so the plugins that rejected them registered their events.
		"one region":     {pod("required-region=tokyo"), on("a"), fwk.QueueSkip},
		"near a region":  {pod("near-region=tokyo"), on("c"), fwk.Queue},
		"no constraints": {pod(), on("a"), fwk.QueueSkip},
	} {
		if got, err := p.queueAfterPodDeletion(klog.Background(), test.waiting, test.deleted, nil); got != test.want || err != nil {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
