package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// generate returns the schema of the Go source of one file, as decoded JSON.
func generate(t *testing.T, source string) (map[string]any, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "types.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	schema, err := schemaOf(folder)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded, nil
}

// definition returns one entry of $defs.
func definition(t *testing.T, schema map[string]any, name string) map[string]any {
	t.Helper()
	found, ok := schema["$defs"].(map[string]any)[name].(map[string]any)
	if !ok {
		t.Fatalf("no definition of %s", name)
	}
	return found
}

const arguments = `package v2

// ExampleArgs are the arguments of Example.
type ExampleArgs struct {
	metav1.TypeMeta ` + "`json:\",inline\"`" + `
	// Share is what may be used.
	// +kubebuilder:default=0.5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:ExclusiveMinimum=true
	// +kubebuilder:validation:Maximum=1
	Share *float64 ` + "`json:\"share,omitempty\"`" + `
	// Period is the time between samples.
	// +kubebuilder:default="90s"
	// +kubebuilder:validation:Minimum=1s
	// +kubebuilder:validation:Maximum=1h
	Period *metav1.Duration ` + "`json:\"period,omitempty\"`" + `
	Policy Policy ` + "`json:\"policy\"`" + `
	Weights *Weights ` + "`json:\"weights\"`" + `
}

// Policy of missing metrics.
// +kubebuilder:validation:Enum=Allow;Deny
type Policy string

// Weights of resources.
// +skerry:validation:AnyAbove=0
type Weights struct {
	CPU    float64 ` + "`json:\"cpu\"`" + `
	Memory float64 ` + "`json:\"memory\"`" + `
}
`

func TestSchemaHoldsWhatTheTypesAndMarkersSay(t *testing.T) {
	schema, err := generate(t, arguments)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := schema["oneOf"], []any{map[string]any{"$ref": "#/$defs/ExampleArgs"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("oneOf = %v, want %v: only types with a TypeMeta are arguments", got, want)
	}
	args := definition(t, schema, "ExampleArgs")
	if args["additionalProperties"] != false {
		t.Error("unknown arguments are allowed")
	}
	if got, want := args["required"], []any{"apiVersion", "kind"}; !reflect.DeepEqual(got, want) {
		t.Errorf("required = %v, want %v", got, want)
	}
	for name, want := range map[string]map[string]any{
		"apiVersion": {"const": "config.skerry.dev/v2"},
		"kind":       {"const": "ExampleArgs"},
		"share": {
			"type": "number", "description": "What may be used.", "default": 0.5, "exclusiveMinimum": 0.0, "maximum": 1.0,
		},
		"period": {
			"type": "string", "format": "duration", "description": "The time between samples.", "default": "90s",
			"formatMinimum": "1s", "formatMaximum": "1h",
		},
		"policy":  {"$ref": "#/$defs/Policy"},
		"weights": {"$ref": "#/$defs/Weights"},
	} {
		if got := args["properties"].(map[string]any)[name]; !reflect.DeepEqual(got, any(want)) {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if got, want := definition(t, schema, "Policy")["enum"], []any{"Allow", "Deny"}; !reflect.DeepEqual(got, want) {
		t.Errorf("enum = %v, want %v", got, want)
	}
	above := func(name string) any {
		return map[string]any{"properties": map[string]any{name: map[string]any{"exclusiveMinimum": 0.0}}}
	}
	if got, want := definition(t, schema, "Weights")["anyOf"], []any{above("cpu"), above("memory")}; !reflect.DeepEqual(got, want) {
		t.Errorf("anyOf = %v, want %v", got, want)
	}
}

func TestRejectsWhatItCannotDescribe(t *testing.T) {
	field := func(comment, goType string) string {
		return "package v2\ntype A struct {\n" + comment + "\nB " + goType + " `json:\"b\"`\n}\n"
	}
	for name, test := range map[string]struct{ source, want string }{
		"a misspelled marker":    {field("// +kubebuilder:validation:Minimun=1", "float64"), "A: B: unknown marker +kubebuilder:validation:Minimun"},
		"a bound that is a word": {field("// +kubebuilder:validation:Maximum=many", "float64"), `A: B: strconv.ParseFloat: parsing "many"`},
		"a map":                  {field("", "map[string]string"), "A: B: unsupported type"},
		"a folder without types": {"package v2\n", "no Go types found"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := generate(t, test.source); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
}
