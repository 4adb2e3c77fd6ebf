package edgeproximity

import (
	"math"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

func TestAnnotationsThatCannotBeRead(t *testing.T) {
	for _, fallback := range []string{"", "tokyo", "osaka,osaka", "osaka,,sydney"} {
		w := read(pod("required-region=tokyo", "fallback-regions="+fallback))
		if len(w.problems) != 1 || len(w.fallback) != 0 {
			t.Errorf("%q: %+v", fallback, w)
		}
	}
	for _, limit := range []string{"", "0", "-1", "NaN", "Inf", "50ms"} {
		w := read(pod("required-region=tokyo", "max-rtt-ms="+limit))
		if len(w.problems) != 1 || w.maxRTT != 0 {
			t.Errorf("%q: %+v", limit, w)
		}
	}
}

func TestAnnotationsThatLackARegionAreReported(t *testing.T) {
	for want, each := range map[string]*corev1.Pod{
		`EdgeProximity: ignored: annotation skerry.dev/max-rtt-ms: "80": must be used with the label required-region or the annotation skerry.dev/near-region`: pod("max-rtt-ms=80"),
		`EdgeProximity: ignored: annotation skerry.dev/fallback-regions: "osaka": must be used with the label required-region`:                                 pod("fallback-regions=osaka"),
		"": pod("near-region=tokyo", "max-rtt-ms=80"),
	} {
		if got := strings.Join(ignored(each), "; "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := ignored(pod("max-rtt-ms=" + strings.Repeat("9", 300_000))); len(got) != 1 || len(got[0]) > 400 {
		t.Errorf("a long value makes a long remark: %d bytes", len(got[0]))
	}
}

func FuzzRead(f *testing.F) {
	f.Add("tokyo", "", "osaka,sydney", "30")
	f.Add("", "tokyo", "osaka", "-1")
	f.Add("tokyo", "osaka", "tokyo,,", "NaN")
	f.Fuzz(func(t *testing.T, demanded, near, fallback, limit string) {
		w := read(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{
			Labels: map[string]string{labels.RequiredRegion: demanded},
			Annotations: map[string]string{
				labels.AnnotationNearRegion: near, labels.AnnotationFallbackRegions: fallback, labels.AnnotationMaxRttMs: limit,
			},
		}})
		if w.asks() != (demanded != "" || near != "") {
			t.Fatalf("%v", w)
		}
		if !(w.maxRTT >= 0) || math.IsInf(w.maxRTT, 0) {
			t.Errorf("%+v", w)
		}
		if !w.asks() && (w.maxRTT > 0 || len(w.problems) != 2) {
			t.Errorf("%+v", w)
		}
		for i, region := range w.allowed() {
			if region == "" || w.rank(region) != i {
				t.Errorf("region %q at %d: %+v", region, i, w)
			}
		}
		if demanded == "" && len(w.fallback) > 0 {
			t.Errorf("falls back from nowhere: %+v", w)
		}
	})
}
