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

// constraints are the region constraints of a pod, from its label and annotations.
type constraints struct {
	// required is the region that the pod requires, near the region that it serves. At most one is set.
	required, near string
	// fallback are the alternatives to the required region, in order of preference.
	fallback []string
	// maxRTT is the round-trip budget in ms from the required or served region; 0 means no limit.
	maxRTT float64
	// problems are those of ignored annotations.
	problems []string
	// skipped are the regions before the chosen one, which have no node on which the pod fits.
	skipped []string
}

// Clone implements fwk.StateData. The constraints are shared, because they do not change after PreFilter.
func (c *constraints) Clone() fwk.StateData { return c }

// parseConstraints parses the label and the annotations of a pod. It returns nil if the pod has none.
func parseConstraints(pod *corev1.Pod) *constraints {
	c := &constraints{required: pod.Labels[labels.RequiredRegion]}
	if c.required == "" {
		c.near = pod.Annotations[labels.AnnotationNearRegion]
	}
	fallback, hasFallback := pod.Annotations[labels.AnnotationFallbackRegions]
	budget, hasBudget := pod.Annotations[labels.AnnotationMaxRttMs]
	if !c.hasRegion() && !hasFallback && !hasBudget {
		return nil
	}
	if hasFallback {
		c.fallback = c.parseFallback(fallback)
	}
	if hasBudget {
		c.maxRTT = c.parseMaxRTT(budget)
	}
	return c
}

// hasRegion reports whether the pod requires or serves a region. Without a region, all annotations are ignored.
func (c *constraints) hasRegion() bool { return c != nil && c.origin() != "" }

// allowsAllNodes reports whether the pod may run on every node.
func (c *constraints) allowsAllNodes() bool { return c.required == "" && c.maxRTT == 0 }

// equal reports whether both constraints allow and prefer the same regions.
func (c *constraints) equal(other *constraints) bool {
	if !c.hasRegion() || !other.hasRegion() {
		return c.hasRegion() == other.hasRegion()
	}
	return c.required == other.required && c.near == other.near && c.maxRTT == other.maxRTT && slices.Equal(c.fallback, other.fallback)
}

func (c *constraints) parseFallback(text string) []string {
	if c.required == "" {
		c.addProblem(labels.AnnotationFallbackRegions, text, "must be used with the label "+labels.RequiredRegion)
		return nil
	}
	var regions []string
	for region := range strings.SplitSeq(text, ",") {
		region = strings.TrimSpace(region)
		if region == "" || region == c.required || slices.Contains(regions, region) {
			c.addProblem(labels.AnnotationFallbackRegions, text, "must list different regions, for example osaka,sydney")
			return nil
		}
		regions = append(regions, region)
	}
	return regions
}

func (c *constraints) parseMaxRTT(text string) float64 {
	limit, err := strconv.ParseFloat(text, 64)
	switch {
	case !c.hasRegion():
		c.addProblem(labels.AnnotationMaxRttMs, text, "must be used with the label "+labels.RequiredRegion+" or the annotation "+labels.AnnotationNearRegion)
	case err != nil || !(limit > 0) || limit > 1e6:
		c.addProblem(labels.AnnotationMaxRttMs, text, "must be a number of ms above 0")
	default:
		return limit
	}
	return 0
}

// maxValue is the maximum length of an annotation's value in a message, in bytes.
const maxValue = 100

func (c *constraints) addProblem(annotation, value, rule string) {
	if len(value) > maxValue {
		value = value[:maxValue] + "..."
	}
	c.problems = append(c.problems, fmt.Sprintf("annotation %s: %q: %s", annotation, value, rule))
}

// origin returns the region that round-trip times are measured from.
func (c *constraints) origin() string {
	if c.required != "" {
		return c.required
	}
	return c.near
}

// requiredRegions returns the regions that the pod may run in, in order of preference; nil if it requires none.
func (c *constraints) requiredRegions() []string {
	if c.required == "" {
		return nil
	}
	return append([]string{c.required}, c.fallback...)
}

// rank returns the index of a region in requiredRegions, or -1.
func (c *constraints) rank(region string) int {
	if region == c.required {
		return 0
	}
	if i := slices.Index(c.fallback, region); i >= 0 {
		return i + 1
	}
	return -1
}
