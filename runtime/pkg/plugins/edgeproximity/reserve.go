package edgeproximity

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// Reserve explains the placement.
func (p *Plugin) Reserve(_ context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	c := p.constraints.Read(state)
	if !c.hasRegion() || p.handle == nil {
		return nil
	}
	if info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node); err == nil {
		reason, explanation := p.explain(c, info.Node())
		p.metrics.RecordPlacement(Name, reason)
		p.book.AddNote(pod, Name, explanation)
	}
	return nil
}

// ignoredAnnotations returns a remark on each ignored annotation of a pod.
func ignoredAnnotations(pod *corev1.Pod) []string {
	c := parseConstraints(pod)
	if c == nil {
		return nil
	}
	texts := make([]string, len(c.problems))
	for i, problem := range c.problems {
		texts[i] = Name + ": ignored: " + problem
	}
	return texts
}

// explain returns the reason for a node, as a metric label and as text.
func (p *Plugin) explain(c *constraints, node *corev1.Node) (reason, text string) {
	location := locationOf(node)
	if c.required == location {
		return "required", location + " as required"
	}
	link, known := p.links.Matrix().Link(c.origin(), location)
	distance := "at an unknown distance"
	if known {
		distance = fmt.Sprintf("%v ms %s", link.RTTMs, link.Basis)
	}
	if rank := c.rank(location); rank > 0 {
		why := ""
		if len(c.skipped) > 0 {
			why = ": no room in " + enumerate(c.skipped, ", ")
		}
		return "fallback", fmt.Sprintf("%s, fallback %d of %d, %s from %s%s", location, rank, len(c.fallback), distance, c.required, why)
	}
	return "near", fmt.Sprintf("%s, %s from %s", location, distance, c.origin())
}

// maxList is the maximum length of a list of regions in a message, in bytes. The note of an event has 1,024 bytes.
const maxList = 200

// enumerate joins regions. A long list ends with the number of omitted regions.
func enumerate(regions []string, separator string) string {
	length := 0
	for i, region := range regions {
		if length += len(region) + len(separator); length > maxList && i > 0 {
			return fmt.Sprintf("%s%s%d more", strings.Join(regions[:i], separator), separator, len(regions)-i)
		}
	}
	return strings.Join(regions, separator)
}

// Unreserve removes the explanation.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) {
	p.book.Drop(pod)
}
