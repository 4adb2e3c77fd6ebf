package v1alpha1

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// readDefinition reads a CustomResourceDefinition and applies the API server's defaults.
func readDefinition(t *testing.T, file string) *apiextensions.CustomResourceDefinition {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var external apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(raw, &external); err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	scheme.Default(&external)
	var internal apiextensions.CustomResourceDefinition
	if err := scheme.Convert(&external, &internal, nil); err != nil {
		t.Fatal(err)
	}
	internal.Status.StoredVersions = []string{"v1alpha1"}
	return &internal
}

// The checks include the cost limits of CEL rules.
func TestDefinitionsAreValid(t *testing.T) {
	for _, file := range []string{"skerry.dev_fleetnodepools.yaml", "skerry.dev_nodeprofiles.yaml"} {
		for _, err := range validation.ValidateCustomResourceDefinition(context.Background(), readDefinition(t, file)) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// The cases are shared with the fleet parser, the policy rule and the controller.
func TestSchemaMatchesSharedCases(t *testing.T) {
	raw, err := os.ReadFile("../../../../test/fixtures/node-pools.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name    string
		Refused string
		Spec    map[string]any
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	props := readDefinition(t, "skerry.dev_fleetnodepools.yaml").Spec.Validation
	if props == nil {
		t.Fatal("the definition has no schema")
	}
	structural, err := schema.NewStructural(props.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := schemavalidation.NewSchemaValidator(props.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	for _, test := range cases {
		t.Run(test.Name, func(t *testing.T) {
			spec := map[string]any{"selector": map[string]any{"names": []any{"node-01"}}}
			for key, value := range test.Spec {
				spec[key] = value
			}
			pool := map[string]any{
				"apiVersion": "skerry.dev/v1alpha1", "kind": "FleetNodePool", "metadata": map[string]any{"name": "tokyo-gw"}, "spec": spec,
			}
			errs := schemavalidation.ValidateCustomResource(nil, pool, validator)
			errs = append(errs, listtype.ValidateListSetsAndMaps(nil, structural, pool)...)
			celErrs, _ := rules.Validate(context.Background(), nil, structural, pool, nil, celconfig.RuntimeCELCostBudget)
			errs = append(errs, celErrs...)
			if hasErrorAt(errs, test.Refused) != (test.Refused != "") || (test.Refused == "" && len(errs) > 0) {
				t.Errorf("got errors %v, want one at %q", errs, test.Refused)
			}
		})
	}
}

// hasErrorAt reports whether an error is at a path, or at the list or map that contains it.
func hasErrorAt(errs field.ErrorList, path string) bool {
	for _, err := range errs {
		if strings.HasPrefix(err.Field, "spec.") && strings.HasPrefix("spec."+path, err.Field) {
			return true
		}
	}
	return false
}
