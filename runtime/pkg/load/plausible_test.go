package load

import (
	"math"
	"os"
	"slices"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// collectNumbers collects the numeric fields of a schema by path.
func collectNumbers(path string, schema *apiextensionsv1.JSONSchemaProps, found map[string]*apiextensionsv1.JSONSchemaProps) {
	if schema.Type == "number" || schema.Type == "integer" {
		found[path] = schema
	}
	for name, property := range schema.Properties {
		collectNumbers(path+"."+name, &property, found)
	}
	if schema.Items != nil {
		collectNumbers(path, schema.Items.Schema, found)
	}
}

func TestBoundsMatchTheSchema(t *testing.T) {
	text, err := os.ReadFile("../../apis/skerry/v1alpha1/skerry.dev_nodeprofiles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	schema := map[string]*apiextensionsv1.JSONSchemaProps{}
	collectNumbers("", definition.Spec.Versions[0].Schema.OpenAPIV3Schema, schema)
	for path, field := range schema {
		if field.Minimum == nil || field.Maximum == nil {
			t.Errorf("%s has no bounds", path)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	// Values within the bounds of the schema are known, values outside are not.
	for path, isKnown := range map[string]func(value float64) bool{
		".spec.capability.cpu":         func(v float64) bool { return hasValue(capability(v, 1, 1, 1), CPU) },
		".spec.capability.memoryGB":    func(v float64) bool { return hasValue(capability(1, v, 1, 1), Memory) },
		".spec.capability.iops":        func(v float64) bool { return hasValue(capability(1, 1, v, 1), IO) },
		".spec.capability.networkGbps": func(v float64) bool { return hasValue(capability(1, 1, 1, v), Network) },
		".spec.capability.coreSpeed": func(v float64) bool {
			return stored(&v1alpha1.NodeProfile{Spec: v1alpha1.NodeProfileSpec{Capability: v1alpha1.Capability{CoreSpeed: &v}}}).Speed != 0
		},
		".status.samples.cpuPercent":     func(v float64) bool { return hasValue(&used(v1alpha1.Usage{CPUPercent: &v}, nil).Usage, CPU) },
		".status.samples.memoryPercent":  func(v float64) bool { return hasValue(&used(v1alpha1.Usage{MemoryPercent: &v}, nil).Usage, Memory) },
		".status.samples.ioPercent":      func(v float64) bool { return hasValue(&used(v1alpha1.Usage{IOPercent: &v}, nil).Usage, IO) },
		".status.samples.networkPercent": func(v float64) bool { return hasValue(&used(v1alpha1.Usage{NetworkPercent: &v}, nil).Usage, Network) },
		".status.trend.cpuPercent": func(v float64) bool {
			return hasValue(&used(v1alpha1.Usage{}, &v1alpha1.Trend{CPUPercent: &v}).Trend, CPU)
		},
		".status.trend.memoryPercent": func(v float64) bool {
			return hasValue(&used(v1alpha1.Usage{}, &v1alpha1.Trend{MemoryPercent: &v}).Trend, Memory)
		},
		".status.trend.ioPercent": func(v float64) bool {
			return hasValue(&used(v1alpha1.Usage{}, &v1alpha1.Trend{IOPercent: &v}).Trend, IO)
		},
		".status.trend.networkPercent": func(v float64) bool {
			return hasValue(&used(v1alpha1.Usage{}, &v1alpha1.Trend{NetworkPercent: &v}).Trend, Network)
		},
		".status.pods.cpuCores": func(v float64) bool {
			return len(used(v1alpha1.Usage{}, nil, v1alpha1.PodUsage{UID: "p", CPUCores: v}).Pods) == 1
		},
		".status.pods.memoryBytes": func(v float64) bool {
			return len(used(v1alpha1.Usage{}, nil, v1alpha1.PodUsage{UID: "p", MemoryBytes: v}).Pods) == 1
		},
		".status.samples.windowSeconds": nil,
		// The scheduler does not read round-trip times from profiles.
		".status.roundTrips.medianMs": nil, ".status.roundTrips.spreadMs": nil, ".status.roundTrips.probes": nil,
	} {
		bounds := schema[path]
		delete(schema, path)
		if bounds == nil {
			t.Errorf("the schema has no %s", path)
			continue
		}
		if isKnown == nil {
			continue
		}
		for value, want := range map[float64]bool{
			*bounds.Maximum: true, math.Nextafter(*bounds.Maximum, math.Inf(1)) * 1.001: false, *bounds.Minimum: true,
			*bounds.Minimum - 0.001: false, math.Inf(1): false, 1e302: false,
		} {
			if got := isKnown(value); got != want {
				t.Errorf("%s of %v: known %v, want %v", path, value, got, want)
			}
		}
		if isKnown(math.NaN()) {
			t.Errorf("%s: NaN is known", path)
		}
	}
	for path := range schema {
		t.Errorf("%s: bounds are not compared", path)
	}
}

func hasValue(v *Vector, d Dimension) bool { _, known := v.Get(d); return known }

func capability(values ...float64) *Vector {
	v := slices.Clone(values)
	return &stored(&v1alpha1.NodeProfile{Spec: v1alpha1.NodeProfileSpec{Capability: v1alpha1.Capability{
		CPU: &v[0], MemoryGB: &v[1], IOPS: &v[2], NetworkGbps: &v[3],
	}}}).Capability
}

func used(usage v1alpha1.Usage, trend *v1alpha1.Trend, pods ...v1alpha1.PodUsage) *Profile {
	return stored(&v1alpha1.NodeProfile{Status: v1alpha1.NodeProfileStatus{
		Samples: []v1alpha1.Sample{{Time: metav1.NewMicroTime(now), WindowSeconds: 30, Usage: usage}}, Trend: trend, Pods: pods,
	}})
}
