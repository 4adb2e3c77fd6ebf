package config

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/strict"
)

// withEverything has all optional objects and none of the optional values.
const withEverything = `
node: n
stateDir: /state
uplink: {address: "mqtt://localhost:1883"}
relay: {listen: {address: "127.0.0.1:1883"}}
classes: [{name: telemetry, maxBytes: 64Mi}]
routes: [{filter: "#", class: telemetry}]
sensors:
  - {name: a, driver: simulated, unit: "1", simulated: {}, file: {}, modbus: {}, onewire: {}}
`

// documented returns the fields of the table in the guide, and their defaults.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../../docs/edge-agent.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "TestReference")
	table, _, _ = strings.Cut(table, "\n### ")
	code := regexp.MustCompile("`([^`]*)`")
	fields := map[string]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if len(cells) != 3 || strings.HasPrefix(line, "| --") {
			continue
		}
		defaults := code.FindAllStringSubmatch(cells[2], -1)
		for index, each := range code.FindAllStringSubmatch(cells[0], -1) {
			fields[each[1]] = strings.TrimSpace(cells[2])
			if len(defaults) > 0 {
				fields[each[1]] = "`" + defaults[min(index, len(defaults)-1)][1]
			}
		}
	}
	return fields
}

// fields returns the fields of a configuration and their values. Objects without a value of their own have none.
func fields(path string, value reflect.Value, into map[string]reflect.Value) {
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	switch {
	case value.Kind() == reflect.Struct:
		for _, field := range reflect.VisibleFields(value.Type()) {
			if name := field.Tag.Get("json"); name != "" {
				fields(strings.TrimPrefix(path+"."+name, "."), value.FieldByIndex(field.Index), into)
			}
		}
	case value.Kind() == reflect.Slice && value.Len() > 0:
		fields(path+"[]", value.Index(0), into)
	default:
		into[path] = value
	}
}

// TestReference compares the table of the guide with the fields and defaults of the code.
func TestReference(t *testing.T) {
	config, _ := Parse([]byte(withEverything), nil)
	config.Node = "<node>"
	config.Uplink.ClientID = "skerry-<node>"
	actual := map[string]reflect.Value{}
	fields("", reflect.ValueOf(config), actual)
	stated := documented(t)
	for path := range stated {
		isObject := slices.ContainsFunc(slices.Collect(maps.Keys(actual)), func(each string) bool {
			return strings.HasPrefix(each, path+".") || strings.HasPrefix(each, path+"[")
		})
		if _, known := actual[path]; !known && !isObject {
			t.Errorf("%s is documented and does not exist", path)
		}
	}
	compared := 0
	for path, value := range actual {
		text, known := stated[path]
		if !known {
			t.Errorf("%s is not documented", path)
			continue
		}
		preset, isValue := strings.CutPrefix(text, "`")
		if !isValue {
			continue
		}
		wanted := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Value", Type: value.Type(), Tag: `json:"value"`}}))
		if problems := strict.Decode([]byte(`{"value": `+quoted(value, preset)+`}`), wanted.Interface()); len(problems) > 0 {
			t.Errorf("%s: default %q: %v", path, preset, problems)
		} else if want := wanted.Elem().Field(0); !reflect.DeepEqual(want.Interface(), value.Interface()) {
			t.Errorf("%s: the default is documented as %v and is %v", path, want, value)
		}
		compared++
	}
	if compared < 25 {
		t.Errorf("only %d defaults were compared", compared)
	}
}

func quoted(value reflect.Value, text string) string {
	if value.Kind() == reflect.String {
		return `"` + text + `"`
	}
	return text
}

// TestExamplesOfTheGuide checks that the configurations in the guide are valid.
func TestExamplesOfTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/edge-agent.md")
	if err != nil {
		t.Fatal(err)
	}
	example := func(kind string) string {
		_, rest, found := strings.Cut(string(text), "```"+kind+"\n")
		if !found {
			t.Fatalf("the guide has no example of %s", kind)
		}
		body, _, _ := strings.Cut(rest, "```")
		return body
	}
	if _, problems := Parse([]byte(example("yaml")), nil); len(problems) > 0 {
		t.Error(problems)
	}
	if remote, problems := ParseRemote([]byte(example("json"))); len(problems) > 0 || remote.Version == "" {
		t.Errorf("%+v: %v", remote, problems)
	}
}
