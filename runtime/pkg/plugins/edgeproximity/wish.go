package edgeproximity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// wish is what a pod says of regions.
type wish struct {
	// required is the region that it demands, near the one that it only serves; at most one is set.
	required, near string
	// fallback regions of a required one, in order.
	fallback []string
	// maxRTT in ms from the region served; 0 is no limit.
	maxRTT float64
	// problems of annotations that could not be read and count as not there.
	problems []string
	// passed are the regions before the chosen one: they have no nodes, or none that the pod fits on.
	passed []string
}

// Clone shares it: it is written before nodes are looked at.
func (w *wish) Clone() fwk.StateData { return w }

func required(pod *corev1.Pod) string { return pod.Labels[labels.RequiredRegion] }

// read a pod's label and annotations; nil when it has none.
func read(pod *corev1.Pod) *wish {
	w := &wish{required: required(pod)}
	if w.required == "" {
		w.near = pod.Annotations[labels.AnnotationNearRegion]
	}
	fallback, hasFallback := pod.Annotations[labels.AnnotationFallbackRegions]
	budget, hasBudget := pod.Annotations[labels.AnnotationMaxRttMs]
	if !w.asks() && !hasFallback && !hasBudget {
		return nil
	}
	if hasFallback {
		w.fallback = w.regions(fallback)
	}
	if hasBudget {
		w.maxRTT = w.budget(budget)
	}
	return w
}

// asks tells whether a pod requires or serves a region. One that does not may still have annotations to be ignored.
func (w *wish) asks() bool { return w != nil && w.served() != "" }

// anywhere tells whether a pod may run on every node.
func (w *wish) anywhere() bool { return w.required == "" && w.maxRTT == 0 }

// same tells whether two wishes let a pod in at the same places.
func (w *wish) same(other *wish) bool {
	if !w.asks() || !other.asks() {
		return w.asks() == other.asks()
	}
	return w.required == other.required && w.near == other.near && w.maxRTT == other.maxRTT && slices.Equal(w.fallback, other.fallback)
}

// regions to fall back to.
func (w *wish) regions(text string) []string {
	if w.required == "" {
		w.problem(labels.AnnotationFallbackRegions, text, "must be used with the label "+labels.RequiredRegion)
		return nil
	}
	var regions []string
	for region := range strings.SplitSeq(text, ",") {
		region = strings.TrimSpace(region)
		if region == "" || region == w.required || slices.Contains(regions, region) {
			w.problem(labels.AnnotationFallbackRegions, text, "must list different regions, for example osaka,sydney")
			return nil
		}
		regions = append(regions, region)
	}
	return regions
}

// budget of round trip, in ms.
func (w *wish) budget(text string) float64 {
	limit, err := strconv.ParseFloat(text, 64)
	switch {
	case !w.asks():
		w.problem(labels.AnnotationMaxRttMs, text, "must be used with the label "+labels.RequiredRegion+" or the annotation "+labels.AnnotationNearRegion)
	case err != nil || !(limit > 0) || limit > 1e6:
		w.problem(labels.AnnotationMaxRttMs, text, "must be a number of ms above 0")
	default:
		return limit
	}
	return 0
}

// longestValue of an annotation in a message, in bytes.
const longestValue = 100

func (w *wish) problem(annotation, value, rule string) {
	if len(value) > longestValue {
		value = value[:longestValue] + "..."
	}
	w.problems = append(w.problems, fmt.Sprintf("annotation %s: %q: %s", annotation, value, rule))
}

// served is the region that round trips count from.
func (w *wish) served() string {
	if w.required != "" {
		return w.required
	}
	return w.near
}

// allowed are the regions of a demand, the best first; none when there is no demand.
func (w *wish) allowed() []string {
	if w.required == "" {
		return nil
	}
	return append([]string{w.required}, w.fallback...)
}

// rank of a region in the demand, 0 the best; -1 when it is not among them.
func (w *wish) rank(region string) int {
	if region == w.required {
		return 0
	}
	if i := slices.Index(w.fallback, region); i >= 0 {
		return i + 1
	}
	return -1
}
