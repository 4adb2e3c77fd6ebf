package plugins_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

func TestSchedulesWhileTheClockSteps(t *testing.T) {
	b := newTestCluster(t, "", node("busy", "tokyo", "8", "16Gi"), node("idle", "tokyo", "8", "16Gi"))
	b.sample("busy", 0, 0.8, 0.2, 0)
	b.sample("idle", 0, 0.1, 0.2, 0)
	for _, step := range []struct {
		name string
		by   time.Duration
		want string
	}{
		{"in time", 0, "data fresh"},
		{"a day ahead", 24 * time.Hour, "by requests: data stale, 24h0m0s old"},
		{"back, and a day behind", -48 * time.Hour, "by requests: no usage data"},
		{"right again", 24 * time.Hour, "data fresh"},
	} {
		b.clock.SetTime(b.clock.Now().Add(step.by))
		b.place(b.pod("100m"))
		if event := b.lastEvent("Scheduled"); !strings.Contains(event, step.want) {
			t.Errorf("%s: %s", step.name, event)
		}
	}
	// With a correct clock, samples count again, as do the pods placed in the meantime.
	if got := b.place(b.pod("100m")); got != "idle" {
		t.Errorf("got %s", got)
	}
}

func TestToleratesStaleAndInvalidSamples(t *testing.T) {
	b := newTestCluster(t, "", node("busy", "tokyo", "8", "16Gi"), node("old", "tokyo", "8", "16Gi"), node("ahead", "tokyo", "8", "16Gi"), node("silly", "tokyo", "8", "16Gi"))
	b.sample("busy", 0, 0.95, 0.2, 0)
	b.sample("old", 20*time.Minute, 0.5, 0.2, 0)
	b.sample("ahead", -time.Hour, 0, 0, 0)
	b.store.Put("silly", &load.Profile{Usage: load.NewVector(math.NaN(), math.Inf(1), math.Inf(-1), math.NaN()), Time: b.clock.Now(), Window: 30 * time.Second})
	placed := map[string]int{}
	for range 40 {
		placed[b.place(b.pod("100m"))]++
	}
	// The last two nodes are scored by requests, and both others are busier.
	if placed["busy"] > 0 || placed["ahead"] < 10 || placed["silly"] < 10 {
		t.Errorf("%v", placed)
	}
}

func TestRecordsMetrics(t *testing.T) {
	b := newTestCluster(t, "", node("tokyo-1", "tokyo", "8", "16Gi"), node("osaka-1", "osaka", "8", "16Gi"))
	registry := metrics.NewKubeRegistry()
	registry.MustRegister(b.metrics.All()...)
	b.sample("tokyo-1", 20*time.Second, 0.1, 0.99, 0)
	b.place(b.pod("100m", "required-region=osaka"))
	b.place(b.pod("100m", "required-region=tokyo", "fallback-regions=osaka", "resource-profile=cpu-heavy"))
	if _, err := b.cluster.Schedule(t.Context(), b.pod("100m", "required-region=tokyo")); err == nil {
		t.Error("placed a pod on a node without free memory")
	}
	b.sample("tokyo-1", 20*time.Second, 0.1, 0.2, 0)
	b.place(b.pod("100m", "required-region=tokyo"))
	if _, err := b.cluster.Schedule(t.Context(), b.pod("100m", "required-region=atlantis")); err == nil {
		t.Error("placed a pod in an unknown region")
	}
	want := `
# HELP skerry_scheduler_placements_total [ALPHA] Number of pods for which a node was reserved, by plugin and the plugin's reason for the node.
# TYPE skerry_scheduler_placements_total counter
skerry_scheduler_placements_total{plugin="EdgeProximity",reason="fallback"} 1
skerry_scheduler_placements_total{plugin="EdgeProximity",reason="required"} 2
skerry_scheduler_placements_total{plugin="LoadAware",reason="fresh"} 1
skerry_scheduler_placements_total{plugin="LoadAware",reason="missing"} 2
skerry_scheduler_placements_total{plugin="ResourceProfile",reason="missing"} 1
# HELP skerry_scheduler_rejections_total [ALPHA] Number of nodes that a plugin rejected for a pod, by plugin and reason. A pod that is rejected before its nodes are filtered counts once.
# TYPE skerry_scheduler_rejections_total counter
skerry_scheduler_rejections_total{plugin="EdgeProximity",reason="no_region"} 1
skerry_scheduler_rejections_total{plugin="LoadAware",reason="memory"} 2
# HELP skerry_scheduler_usage_sample_age_seconds [ALPHA] Age of the usage sample of the reserved node in seconds. Nodes without a sample are not included.
# TYPE skerry_scheduler_usage_sample_age_seconds histogram
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="5"} 0
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="15"} 0
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="30"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="60"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="120"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="300"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="900"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="1800"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="3600"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="7200"} 1
skerry_scheduler_usage_sample_age_seconds_bucket{plugin="LoadAware",le="+Inf"} 1
skerry_scheduler_usage_sample_age_seconds_sum{plugin="LoadAware"} 20
skerry_scheduler_usage_sample_age_seconds_count{plugin="LoadAware"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}
