package validation

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// The JSON Schema is generated from the markers of the Go types. These tests compare it with SetDefaults and the checks
// of this package, which are Go code.

type schema struct {
	Ref              string            `json:"$ref"`
	Type             string            `json:"type"`
	Const            string            `json:"const"`
	Enum             []string          `json:"enum"`
	Format           string            `json:"format"`
	FormatMinimum    string            `json:"formatMinimum"`
	FormatMaximum    string            `json:"formatMaximum"`
	Minimum          *float64          `json:"minimum"`
	ExclusiveMinimum *float64          `json:"exclusiveMinimum"`
	Maximum          *float64          `json:"maximum"`
	Default          any               `json:"default"`
	Properties       map[string]schema `json:"properties"`
	Defs             map[string]schema `json:"$defs"`
}

func readJSON[T any](t *testing.T, path string) (value T) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func readSchema(t *testing.T) schema {
	return readJSON[schema](t, "../../../../fleet/kubernetes/plugin-args.schema.json")
}

// leaf is one field of a plugin's arguments.
type leaf struct {
	path []string
	schema
}

func (s schema) leaves(defs map[string]schema, path ...string) (leaves []leaf) {
	if s.Ref != "" {
		target := defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
		if target.Properties == nil {
			target.Default = s.Default
		}
		return target.leaves(defs, path...)
	}
	if s.Properties == nil && s.Const == "" {
		return []leaf{{path, s}}
	}
	for name, property := range s.Properties {
		leaves = append(leaves, property.leaves(defs, append(append([]string{}, path...), name)...)...)
	}
	return leaves
}

// values returns values of a field at and around its bounds, and whether the schema allows each.
func (l leaf) values(t *testing.T) map[string]bool {
	values := map[string]bool{`{}`: false, `[]`: false, `null`: true}
	number := func(value float64) {
		allowed := (l.Minimum == nil || value >= *l.Minimum) && (l.ExclusiveMinimum == nil || value > *l.ExclusiveMinimum) &&
			(l.Maximum == nil || value <= *l.Maximum)
		values[fmt.Sprint(value)] = allowed
	}
	switch {
	case l.Type == "number":
		values[`"3"`] = false
		number(5)
		for _, bound := range []*float64{l.Minimum, l.ExclusiveMinimum, l.Maximum} {
			for _, offset := range []float64{-1, -0.001, 0, 0.001, 1} {
				if bound != nil {
					number(*bound + offset)
				}
			}
		}
	case l.Format == "duration":
		values[`90`], values[`"90"`], values[`""`] = false, false, false
		var bounds []time.Duration
		for _, text := range []string{l.FormatMinimum, l.FormatMaximum} {
			bound, err := time.ParseDuration(text)
			if err != nil {
				t.Fatal(err)
			}
			bounds = append(bounds, bound)
		}
		for _, bound := range bounds {
			for _, offset := range []time.Duration{-time.Nanosecond, 0, time.Nanosecond, time.Second} {
				value := bound + offset
				values[fmt.Sprintf("%q", value)] = value >= bounds[0] && value <= bounds[1]
			}
		}
	case l.Enum != nil:
		values[`"Unknown"`] = false
		for _, value := range l.Enum {
			values[fmt.Sprintf("%q", value)] = true
		}
	default:
		values[`3`], values[`"text"`] = false, true
	}
	return values
}

// decode runs the decoder of a plugin. It returns the arguments with defaults.
func decodeArgs(t *testing.T, kind, fields string) (any, error) {
	switch kind {
	case "EdgeProximityArgs":
		return DecodeEdgeProximity(raw(kind, fields))
	case "ResourceProfileArgs":
		return DecodeResourceProfile(raw(kind, fields))
	case "LoadAwareArgs":
		return DecodeLoadAware(raw(kind, fields))
	}
	t.Fatalf("no decoder for %s", kind)
	return nil, nil
}

func TestTheSchemaAndTheValidationAgree(t *testing.T) {
	root, checked := readSchema(t), 0
	for kind, args := range root.Defs {
		if args.Properties["kind"].Const == "" {
			continue
		}
		for _, leaf := range args.leaves(root.Defs) {
			for value, allowed := range leaf.values(t) {
				fields := fmt.Sprintf("%q:%s", leaf.path[len(leaf.path)-1], value)
				for i := len(leaf.path) - 2; i >= 0; i-- {
					fields = fmt.Sprintf("%q:{%s}", leaf.path[i], fields)
				}
				if _, err := decodeArgs(t, kind, fields); (err == nil) != allowed {
					t.Errorf("%s {%s}: the schema allows it: %v; the validation: %v", kind, fields, allowed, err)
				}
				checked++
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d values checked", checked)
	}
}

func TestTheSchemaAndTheCodeHaveTheSameDefaults(t *testing.T) {
	root := readSchema(t)
	for kind, args := range root.Defs {
		if args.Properties["kind"].Const == "" {
			continue
		}
		decoded, err := decodeArgs(t, kind, "")
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(decoded)
		if err != nil {
			t.Fatal(err)
		}
		for _, leaf := range args.leaves(root.Defs) {
			var value any
			if err := json.Unmarshal(text, &value); err != nil {
				t.Fatal(err)
			}
			for _, step := range leaf.path {
				value = value.(map[string]any)[step]
			}
			want := leaf.Default
			if leaf.Format == "duration" {
				duration, err := time.ParseDuration(fmt.Sprint(want))
				if err != nil {
					t.Errorf("%s.%s: default: %v", kind, strings.Join(leaf.path, "."), err)
				}
				want = duration.String()
			}
			if value != want {
				t.Errorf("%s.%s: the code's default is %v, the schema's %v", kind, strings.Join(leaf.path, "."), value, want)
			}
		}
	}
}

// The policy rule scheduler-config-valid is tested on the same file.
func TestTheSharedCases(t *testing.T) {
	type sharedCase struct {
		Plugin   string          `json:"plugin"`
		Args     json.RawMessage `json:"args"`
		Problems []string        `json:"problems"`
	}
	for _, c := range readJSON[[]sharedCase](t, "../../../../test/fixtures/plugin-args.json") {
		fields := strings.TrimSuffix(strings.TrimPrefix(string(c.Args), "{"), "}")
		_, err := decodeArgs(t, c.Plugin+"Args", strings.TrimSpace(fields))
		if (err == nil) != (len(c.Problems) == 0) {
			t.Errorf("%s %s: want problems at %v, got %v", c.Plugin, c.Args, c.Problems, err)
		}
	}
}
