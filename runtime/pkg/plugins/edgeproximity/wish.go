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
	// passed are the regions before the chosen one that have no room.
	passed []string
}

// Clone shares it: it is written before nodes are looked at.
func (w *wish) Clone() fwk.StateData { return w }

func required(pod *corev1.Pod) string { return pod.Labels[labels.RequiredRegion] }

// read a pod's label and annotations; nil when it says nothing.
func read(pod *corev1.Pod) *wish {
	w := &wish{required: required(pod)}
	if w.required == "" {
		w.near = pod.Annotations[labels.AnnotationNearRegion]
	}
	if w.served() == "" {
		return nil
	}
	if text, stated := pod.Annotations[labels.AnnotationFallbackRegions]; stated {
		w.fallback = w.regions(text)
	}
	if text, stated := pod.Annotations[labels.AnnotationMaxRttMs]; stated {
		limit, err := strconv.ParseFloat(text, 64)
		if err != nil || !(limit > 0) || limit > 1e6 {
			w.problem(labels.AnnotationMaxRttMs, text, "a number of ms above 0")
		} else {
			w.maxRTT = limit
		}
	}
	return w
}

// same tells whether two wishes let a pod in at the same places.
func (w *wish) same(other *wish) bool {
	if w == nil || other == nil {
		return w == other
	}
	return w.required == other.required && w.near == other.near && w.maxRTT == other.maxRTT && slices.Equal(w.fallback, other.fallback)
}

// regions to fall back to.
func (w *wish) regions(text string) []string {
	if w.required == "" {
		w.problem(labels.AnnotationFallbackRegions, text, "only beside the label "+labels.RequiredRegion)
		return nil
	}
	var regions []string
	for region := range strings.SplitSeq(text, ",") {
		region = strings.TrimSpace(region)
		if region == "" || region == w.required || slices.Contains(regions, region) {
			w.problem(labels.AnnotationFallbackRegions, text, "different regions as in osaka,sydney")
			return nil
		}
		regions = append(regions, region)
	}
	return regions
}

func (w *wish) problem(annotation, got, allowed string) {
	w.problems = append(w.problems, fmt.Sprintf("annotation %s: got %q, allowed %s", annotation, got, allowed))
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
