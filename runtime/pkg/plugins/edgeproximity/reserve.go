package edgeproximity

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"
)

// Reserve notes where the pod goes, and why there.
func (p *Plugin) Reserve(_ context.Context, state fwk.CycleState, pod *corev1.Pod, node string) *fwk.Status {
	w := p.wishes.Read(state)
	if !w.asks() || p.handle == nil {
		return nil
	}
	if info, err := p.handle.SnapshotSharedLister().NodeInfos().Get(node); err == nil {
		kind, text := p.reason(w, info.Node())
		p.metrics.RecordPlacement(Name, kind)
		p.book.AddNote(pod, Name, text)
	}
	return nil
}

// ignored tells a pod which of its annotations count as absent.
func ignored(pod *corev1.Pod) []string {
	w := read(pod)
	if w == nil {
		return nil
	}
	texts := make([]string, len(w.problems))
	for i, problem := range w.problems {
		texts[i] = Name + ": ignored: " + problem
	}
	return texts
}

// reason for a node: its kind, and its text.
func (p *Plugin) reason(w *wish, node *corev1.Node) (kind, text string) {
	at := place(node)
	if w.required == at {
		return "required", at + " as required"
	}
	link, known := p.links.Matrix().Link(w.served(), at)
	distance := "at an unknown distance"
	if known {
		distance = fmt.Sprintf("%v ms %s", link.RTTMs, link.Basis)
	}
	if rank := w.rank(at); rank > 0 {
		why := ""
		if len(w.passed) > 0 {
			why = ": no room in " + enumerate(w.passed, ", ")
		}
		return "fallback", fmt.Sprintf("%s, fallback %d of %d, %s from %s%s", at, rank, len(w.fallback), distance, w.required, why)
	}
	return "near", fmt.Sprintf("%s, %s from %s", at, distance, w.served())
}

// longestList of regions in a message, in bytes. An event has 1,024 in all.
const longestList = 200

// enumerate regions. A long list ends with the number of those left out.
func enumerate(regions []string, separator string) string {
	length := 0
	for i, region := range regions {
		if length += len(region) + len(separator); length > longestList && i > 0 {
			return fmt.Sprintf("%s%s%d more", strings.Join(regions[:i], separator), separator, len(regions)-i)
		}
	}
	return strings.Join(regions, separator)
}

// Unreserve takes the explanation back.
func (p *Plugin) Unreserve(_ context.Context, _ fwk.CycleState, pod *corev1.Pod, _ string) {
	p.book.Drop(pod)
}
