package edgeproximity

import (
	"math"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

func TestIgnoresInvalidAnnotations(t *testing.T) {
	for _, fallback := range []string{"", "tokyo", "osaka,osaka", "osaka,,sydney"} {
		c := parseConstraints(pod("required-region=tokyo", "fallback-regions="+fallback))
		if len(c.problems) != 1 || len(c.fallback) != 0 {
			t.Errorf("%q: %+v", fallback, c)
		}
	}
	for _, limit := range []string{"", "0", "-1", "NaN", "Inf", "50ms"} {
		c := parseConstraints(pod("required-region=tokyo", "max-rtt-ms="+limit))
		if len(c.problems) != 1 || c.maxRTT != 0 {
			t.Errorf("%q: %+v", limit, c)
		}
	}
}

func TestReportsAnnotationsWithoutARegion(t *testing.T) {
	for want, pod := range map[string]*corev1.Pod{
		`EdgeProximity: ignored: annotation skerry.dev/max-rtt-ms: "80": must be used with the label required-region or the annotation skerry.dev/near-region`: pod("max-rtt-ms=80"),
		`EdgeProximity: ignored: annotation skerry.dev/fallback-regions: "osaka": must be used with the label required-region`:                                 pod("fallback-regions=osaka"),
		"": pod("near-region=tokyo", "max-rtt-ms=80"),
	} {
		if got := strings.Join(ignoredAnnotations(pod), "; "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := ignoredAnnotations(pod("max-rtt-ms=" + strings.Repeat("9", 300_000))); len(got) != 1 || len(got[0]) > 400 {
		t.Errorf("remark on a long value: %d bytes", len(got[0]))
	}
}

func FuzzParseConstraints(f *testing.F) {
	f.Add("tokyo", "", "osaka,sydney", "30")
	f.Add("", "tokyo", "osaka", "-1")
	f.Add("tokyo", "osaka", "tokyo,,", "NaN")
	f.Fuzz(func(t *testing.T, required, near, fallback, limit string) {
		c := parseConstraints(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Labels: map[string]string{labels.RequiredRegion: required},
			Annotations: map[string]string{
				labels.AnnotationNearRegion: near, labels.AnnotationFallbackRegions: fallback, labels.AnnotationMaxRttMs: limit,
			},
		}})
		if c.hasRegion() != (required != "" || near != "") {
			t.Fatalf("%v", c)
		}
		if !(c.maxRTT >= 0) || math.IsInf(c.maxRTT, 0) {
			t.Errorf("%+v", c)
		}
		if !c.hasRegion() && (c.maxRTT > 0 || len(c.problems) != 2) {
			t.Errorf("%+v", c)
		}
		for i, region := range c.requiredRegions() {
			if region == "" || c.rank(region) != i {
				t.Errorf("region %q at %d: %+v", region, i, c)
			}
		}
		if required == "" && len(c.fallback) > 0 {
			t.Errorf("fallback without a required region: %+v", c)
		}
	})
}
