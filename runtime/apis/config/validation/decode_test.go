package validation

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/kubernetes/pkg/scheduler/apis/config/scheme"

	configv1 "github.com/skerry-dev/skerry/runtime/apis/config/v1"
)

func raw(kind, fields string) runtime.Object {
	if fields != "" {
		fields = "," + fields
	}
	return &runtime.Unknown{Raw: []byte(`{"apiVersion":"config.skerry.dev/v1","kind":"` + kind + `"` + fields + `}`)}
}

// The file is the output of charts/system/scheduler-config.ts with every argument set; test/unit/charts-system.test.ts
// compares them.
func TestDecodesEveryArgumentThatTheChartWrites(t *testing.T) {
	text, err := os.ReadFile("../../../../test/fixtures/scheduler-config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	object, _, err := scheme.Codecs.UniversalDecoder().Decode(text, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	args := map[string]runtime.Object{}
	for _, plugin := range object.(*config.KubeSchedulerConfiguration).Profiles[0].PluginConfig {
		args[plugin.Name] = plugin.Args
	}
	for name, argsType := range map[string]any{
		"EdgeProximity": configv1.EdgeProximityArgs{}, "ResourceProfile": configv1.ResourceProfileArgs{}, "LoadAware": configv1.LoadAwareArgs{},
	} {
		var fields map[string]any
		if err := json.Unmarshal(args[name].(*runtime.Unknown).Raw, &fields); err != nil {
			t.Fatal(err)
		}
		for _, path := range missingFields(reflect.TypeOf(argsType), fields) {
			t.Errorf("%s: the chart does not write %s", name, path)
		}
	}
	proximity, err := DecodeEdgeProximity(args["EdgeProximity"])
	if err != nil || proximity.LinksFile != "somewhere/links.json" {
		t.Errorf("%+v %v", proximity, err)
	}
	profile, err := DecodeResourceProfile(args["ResourceProfile"])
	if err != nil {
		t.Fatal(err)
	}
	scale := profile.Scale
	if *scale.CPU != 8 || *scale.MemoryGB != 16 || *scale.IOPS != 40000 || *scale.NetworkGbps != 2.5 ||
		*profile.Headroom != 3 || profile.TrendHorizon.Duration != 10*time.Minute || profile.Metrics.MaxAge.Duration != 90*time.Second {
		t.Errorf("%+v", profile)
	}
	load, err := DecodeLoadAware(args["LoadAware"])
	if err != nil {
		t.Fatal(err)
	}
	if *load.Weights.CPU != 0.5 || *load.Weights.Memory != 0.3 || *load.Weights.Network != 0.1 ||
		*load.Thresholds.CPU != 80 || *load.Thresholds.Memory != 85 || *load.Thresholds.Network != 100 ||
		load.MissingMetricsPolicy != configv1.MissingMetricsDeny ||
		load.Metrics.MaxAge.Duration != 90*time.Second || load.Metrics.MaxClockSkew.Duration != 5*time.Second {
		t.Errorf("%+v", load)
	}
}

// missingFields returns the paths of the fields of a type that an object lacks.
func missingFields(argsType reflect.Type, object map[string]any) (paths []string) {
	for i := range argsType.NumField() {
		field := argsType.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		value, found := object[name]
		if !found {
			paths = append(paths, name)
		} else if inner, ok := value.(map[string]any); ok {
			for _, path := range missingFields(field.Type, inner) {
				paths = append(paths, name+"."+path)
			}
		}
	}
	return paths
}

func TestSetsDefaults(t *testing.T) {
	for _, object := range []runtime.Object{nil, raw("LoadAwareArgs", "")} {
		load, err := DecodeLoadAware(object)
		if err != nil || *load.Weights.CPU != 0.4 || *load.Weights.Memory != 0.4 || *load.Weights.Network != 0.2 ||
			*load.Thresholds.CPU != 100 || *load.Thresholds.Memory != 90 || *load.Thresholds.Network != 100 || load.MissingMetricsPolicy != configv1.MissingMetricsAllow || load.Metrics.MaxAge.Duration != 30*time.Minute {
			t.Errorf("%+v %v", load, err)
		}
	}
	profile, err := DecodeResourceProfile(raw("ResourceProfileArgs", `"scale":{"cpu":4}`))
	if err != nil || *profile.Scale.CPU != 4 || *profile.Scale.MemoryGB != 512 || *profile.Scale.IOPS != 1000 || *profile.Scale.NetworkGbps != 10 {
		t.Errorf("%+v %v", profile, err)
	}
	// Defaults do not replace 0.
	load, err := DecodeLoadAware(raw("LoadAwareArgs", `"weights":{"network":0},"metrics":{"maxClockSkew":"0s"}`))
	if err != nil || *load.Weights.Network != 0 || load.Metrics.MaxClockSkew.Duration != 0 {
		t.Errorf("%+v %v", load, err)
	}
}

func TestReportsEveryProblemWithItsPath(t *testing.T) {
	_, err := DecodeLoadAware(raw("LoadAwareArgs",
		`"weights":{"cpu":-1,"memory":0,"network":0},"thresholds":{"cpu":0,"memory":101},"missingMetricsPolicy":"Maybe","metrics":{"maxAge":"0s","maxClockSkew":"100h"}`))
	for _, want := range []string{
		"weights.cpu: must be at least 0 and at most 1000, got -1", "thresholds.cpu: must be above 0 and at most 100, got 0",
		"thresholds.memory: must be above 0 and at most 100, got 101", `missingMetricsPolicy: must be one of Allow, Deny, got "Maybe"`,
		"metrics.maxAge: must be from 1s to 24h0m0s, got 0s", "metrics.maxClockSkew: must be from 0s to 24h0m0s, got 100h0m0s",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	_, err = DecodeResourceProfile(raw("ResourceProfileArgs", `"scale":{"cpu":0,"iops":-5},"headroom":1,"trendHorizon":"-1s"`))
	for _, want := range []string{"scale.cpu: must be above 0, got 0", "scale.iops: must be above 0, got -5", "headroom: must be above 1 and at most 1000, got 1", "trendHorizon: must be from 0s to 24h0m0s, got -1s"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestRejectsInvalidObjects(t *testing.T) {
	for name, object := range map[string]runtime.Object{
		"unknown field":   raw("LoadAwareArgs", `"weight":1`),
		"another kind":    raw("EdgeProximityArgs", ""),
		"another version": &runtime.Unknown{Raw: []byte(`{"apiVersion":"config.skerry.dev/v2","kind":"LoadAwareArgs"}`)},
		"not a number":    raw("LoadAwareArgs", `"weights":{"cpu":NaN}`),
		"text":            raw("LoadAwareArgs", `"weights":{"cpu":"3"}`),
		"two objects":     &runtime.Unknown{Raw: []byte(`{"apiVersion":"config.skerry.dev/v1","kind":"LoadAwareArgs"}{}`)},
	} {
		if _, err := DecodeLoadAware(object); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := DecodeLoadAware(raw("LoadAwareArgs", `"weights":{"cpu":0,"memory":0,"network":0}`)); err == nil || !strings.Contains(err.Error(), "weights: must include a weight above 0") {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"apiVersion":"config.skerry.dev/v1","kind":"LoadAwareArgs","weights":{"cpu":1}}`))
	f.Add([]byte(`{"apiVersion":"config.skerry.dev/v1","kind":"ResourceProfileArgs","headroom":2}`))
	f.Add([]byte(`{"apiVersion":"config.skerry.dev/v1","kind":"EdgeProximityArgs","linksFile":"links.json"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if args, err := DecodeLoadAware(&runtime.Unknown{Raw: text}); err == nil && !(*args.Weights.CPU >= 0) {
			t.Errorf("%s: %+v", text, args)
		}
		if args, err := DecodeResourceProfile(&runtime.Unknown{Raw: text}); err == nil && !(*args.Headroom > 1) {
			t.Errorf("%s: %+v", text, args)
		}
		if args, err := DecodeEdgeProximity(&runtime.Unknown{Raw: text}); err == nil && args.LinksFile == "" {
			t.Errorf("%s: %+v", text, args)
		}
	})
}
