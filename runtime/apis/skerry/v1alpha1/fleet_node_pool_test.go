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

// definition reads a CustomResourceDefinition as the API server does.
func definition(t *testing.T, file string) *apiextensions.CustomResourceDefinition {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var stated apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(raw, &stated); err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	scheme.Default(&stated)
	var internal apiextensions.CustomResourceDefinition
	if err := scheme.Convert(&stated, &internal, nil); err != nil {
		t.Fatal(err)
	}
	internal.Status.StoredVersions = []string{"v1alpha1"}
	return &internal
}

// Among others: no rule costs more than the API server allows.
func TestDefinitionsAreAccepted(t *testing.T) {
	for _, file := range []string{"skerry.dev_fleetnodepools.yaml", "skerry.dev_nodeprofiles.yaml"} {
		for _, problem := range validation.ValidateCustomResourceDefinition(context.Background(), definition(t, file)) {
			t.Errorf("%s: %v", file, problem)
		}
	}
}

// The cases are shared with the fleet's parser, the policy rule and the controller: they agree.
func TestNodePoolsAreRefusedAsTheFixtureSays(t *testing.T) {
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
	props := definition(t, "skerry.dev_fleetnodepools.yaml").Spec.Validation
	if props == nil {
		t.Fatal("no schema")
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
	for _, each := range cases {
		t.Run(each.Name, func(t *testing.T) {
			spec := map[string]any{"selector": map[string]any{"names": []any{"node-01"}}}
			for key, value := range each.Spec {
				spec[key] = value
			}
			pool := map[string]any{
				"apiVersion": "skerry.dev/v1alpha1", "kind": "FleetNodePool", "metadata": map[string]any{"name": "tokyo-gw"}, "spec": spec,
			}
			problems := schemavalidation.ValidateCustomResource(nil, pool, validator)
			problems = append(problems, listtype.ValidateListSetsAndMaps(nil, structural, pool)...)
			found, _ := rules.Validate(context.Background(), nil, structural, pool, nil, celconfig.RuntimeCELCostBudget)
			problems = append(problems, found...)
			if refused(problems, each.Refused) != (each.Refused != "") || (each.Refused == "" && len(problems) > 0) {
				t.Errorf("refused must be %q, got %v", each.Refused, problems)
			}
		})
	}
}

// refused tells whether a problem is at a path, or at the list or mapping that holds it.
func refused(problems field.ErrorList, path string) bool {
	for _, problem := range problems {
		if strings.HasPrefix(problem.Field, "spec.") && strings.HasPrefix("spec."+path, problem.Field) {
			return true
		}
	}
	return false
}
