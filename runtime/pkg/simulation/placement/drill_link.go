package placement

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
)

// drillLink cuts a link: traffic takes the best detour through one other region. Pods keep running; the report says which
// of them their scheduler would not place there any more.
func (c *cluster) drillLink(cut *simulationv1.LinkReference, report *simulationv1.DrillReport) {
	before := c.links.Matrix()
	if before == nil {
		report.Error = "no scheduler follows round trips between regions"
		return
	}
	for _, region := range []string{cut.From, cut.To} {
		if !before.HasRegion(region) {
			report.Error = fmt.Sprintf("region %q is not in the file of round trips", region)
			return
		}
	}
	detours := map[[2]string]links.Link{}
	for _, ends := range [][2]string{{cut.From, cut.To}, {cut.To, cut.From}} {
		direct, _ := before.Link(ends[0], ends[1])
		detour, via := detourOf(before, ends[0], ends[1])
		if via == "" {
			report.Error = fmt.Sprintf("no third region connects %s and %s", ends[0], ends[1])
			return
		}
		detours[ends] = detour
		report.Links = append(report.Links, simulationv1.LinkChange{From: ends[0], To: ends[1], BeforeMs: direct.RTTMs, AfterMs: detour.RTTMs, Via: via})
	}
	c.links.set(before.With(detours))
	c.try(func() { report.Violations = c.violations() })
	c.links.set(before)
}

// detourOf returns the shortest way through one other region; an empty region if there is none.
func detourOf(matrix *links.Matrix, from, to string) (detour links.Link, via string) {
	shortest := math.Inf(1)
	for _, region := range matrix.Regions() {
		if region == from || region == to {
			continue
		}
		first, _ := matrix.Link(from, region)
		second, _ := matrix.Link(region, to)
		if sum := first.RTTMs + second.RTTMs; sum < shortest {
			shortest, via = sum, region
		}
	}
	return links.Link{From: from, To: to, RTTMs: shortest, Basis: links.Estimated, Source: "detour through " + via}, via
}

// violations returns the running pods that ask for a region and whose node their scheduler would refuse now.
func (c *cluster) violations() []simulationv1.Violation {
	var found []simulationv1.Violation
	for _, each := range c.sortedPods() {
		if !each.available() || !asksForRegion(each.object) {
			continue
		}
		scheduler := c.schedulers[each.object.Spec.SchedulerName]
		if scheduler == nil {
			continue
		}
		c.store.Delete(each.object)
		free := unbound(each.object)
		c.store.Put(free)
		if rejected, err := scheduler.Check(c.ctx, free, each.node()); err == nil && len(rejected) > 0 {
			first := rejected[0]
			found = append(found, simulationv1.Violation{
				Namespace: free.Namespace, Name: free.Name, Owner: each.ownerReference(), Node: each.node(),
				Plugin: first.Plugin(), Reasons: first.Reasons(),
			})
		}
		c.store.Put(each.object)
	}
	return found
}

func asksForRegion(pod *corev1.Pod) bool {
	return pod.Labels[labels.RequiredRegion] != "" || pod.Annotations[labels.AnnotationNearRegion] != ""
}

// unbound returns a copy of a pod without its node.
func unbound(pod *corev1.Pod) *corev1.Pod {
	free := *pod
	free.Spec.NodeName = ""
	free.Status = corev1.PodStatus{}
	return &free
}
