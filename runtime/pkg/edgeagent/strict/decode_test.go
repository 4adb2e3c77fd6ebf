package strict

import (
	"errors"
	"strings"
	"testing"
)

type even int

func (e *even) UnmarshalText(text []byte) error {
	if len(text)%2 == 1 {
		return errors.New("must have an even length")
	}
	*e = even(len(text))
	return nil
}

type inner struct {
	Name   string  `json:"name"`
	Factor float64 `json:"factor"`
}

type document struct {
	Name    string  `json:"name"`
	Count   int     `json:"count"`
	Enabled bool    `json:"enabled"`
	Length  even    `json:"length"`
	List    []inner `json:"list"`
	Object  *inner  `json:"object"`
}

func TestDecodeReportsAllProblemsWithTheirPaths(t *testing.T) {
	var decoded document
	problems := Decode([]byte(`
nmae: x
name: y
name: z
count: many
enabled: "true"
length: abc
list:
  - {name: a, factor: fast}
  - 7
  - {nothing: 1}
object: []
`), &decoded)
	want := []string{
		`nmae: unknown field: did you mean "name"?`,
		"name: duplicate field",
		`count: "many": must be a whole number`,
		`enabled: "true": must be true or false`,
		`length: "abc": must have an even length`,
		`list[0].factor: "fast": must be a number`,
		`list[1]: "7": must be an object`,
		"list[2].nothing: unknown field",
		"object: a list: must be an object",
	}
	if problems.Error() != strings.Join(want, "\n") {
		t.Errorf("got\n%s", problems.Error())
	}
	if decoded.Name != "y" {
		t.Errorf("a duplicate field replaced the first one: %q", decoded.Name)
	}
}

func TestDecodeAcceptsJSONAndYAML(t *testing.T) {
	for _, text := range []string{
		`{"name": "a", "count": 3, "enabled": true, "length": "ab", "list": [{"name": "b", "factor": 1e2}], "object": null}`,
		"name: a\ncount: 3\nenabled: true\nlength: ab\nlist:\n- {name: b, factor: 100}\n",
	} {
		var decoded document
		if problems := Decode([]byte(text), &decoded); len(problems) > 0 {
			t.Fatal(problems)
		}
		if decoded.Name != "a" || decoded.Count != 3 || !decoded.Enabled || decoded.Length != 2 || decoded.List[0].Factor != 100 || decoded.Object != nil {
			t.Errorf("got %+v", decoded)
		}
	}
}

func TestDecodeRefusesWhatIsNoDocument(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "must not be empty",
		"{":                              "must be YAML or JSON",
		"name: a\n---\nname: b":          "must be one document",
		"just text":                      "must be an object",
		"list: &l []\nobject: *l":        "object: must not be an alias",
		"a: &a [b]\nb: [*a,*a]\nname: 1": "unknown field",
	} {
		if problems := Decode([]byte(text), &document{}); len(problems) == 0 || !strings.Contains(problems.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, problems, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("name: a\nlist: [{name: b}]"))
	f.Add([]byte("&a [*a]"))
	f.Fuzz(func(_ *testing.T, text []byte) { Decode(text, &document{}) })
}
