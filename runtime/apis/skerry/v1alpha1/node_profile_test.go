package v1alpha1

import (
	"encoding/json"
	"testing"
	"time"

	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// A profile that the schema accepts but a client cannot decode would make the list of all profiles unreadable.
func TestSchemaAcceptsOnlyTimesThatDecode(t *testing.T) {
	validator, _, err := schemavalidation.NewSchemaValidator(
		readDefinition(t, "skerry.dev_nodeprofiles.yaml").Spec.Validation.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	accepts := func(text string) bool {
		profile := map[string]any{
			"spec":   map[string]any{"capability": map[string]any{}},
			"status": map[string]any{"samples": []any{map[string]any{"time": text, "windowSeconds": int64(30)}}},
		}
		return len(schemavalidation.ValidateCustomResource(field.NewPath(""), profile, validator)) == 0
	}
	own, err := metav1.NewMicroTime(time.Date(2026, 11, 27, 9, 30, 0, 1000, time.UTC)).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]bool{
		string(own[1 : len(own)-1]):        true,
		"2026-11-27T09:30:00.123456+09:00": true,
		"2026-11-27T09:30:00Z":             false,
		"2026-11-27T09:30:00.123Z":         false,
		"2026-11-27T09:30:00.1234567Z":     false,
		"2026-11-27t09:30:00.123456z":      false,
		"2026-11-27T09:30:60.123456Z":      false,
		"2026-02-30T09:30:00.123456Z":      false,
		"2026-11-27":                       false,
	}
	for text, want := range cases {
		if accepts(text) != want {
			t.Errorf("the schema accepts %s: %v, want %v", text, !want, want)
		}
		decodeErr := json.Unmarshal([]byte(`{"time":"`+text+`","windowSeconds":30}`), &Sample{})
		if want && decodeErr != nil {
			t.Errorf("the schema accepts %s, which does not decode: %v", text, decodeErr)
		}
	}
}
