package ingest

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// jsonTexts are JSON texts with everything that jsonb is known to refuse.
var jsonTexts = rapid.Custom(func(t *rapid.T) string {
	element := rapid.OneOf(
		rapid.StringMatching(`"(a|é|\\n|\\"|\\\\|\\u0000|\\u0041|\\ud83d|\\ude00|\\ud83d\\ude00|\\uD800|\\udFFF){0,4}"`),
		rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,6})?`),
		rapid.SampledFrom([]string{"null", "true", "false", "1e308", "1e309", "1e-400", "1E99999999999999999999", "0e999999"}),
	).Draw(t, "element")
	depth := rapid.SampledFrom([]int{0, 1, 3, 499, 500, 501, 3000}).Draw(t, "depth")
	return strings.Repeat("[", depth) + element + strings.Repeat("]", depth)
})

func TestPostgreSQLAcceptsWhatFitsJSONB(t *testing.T) {
	d := openTestPostgres(t)
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		text := jsonTexts.Draw(t, "text")
		if !json.Valid([]byte(text)) || !fitsJSONB([]byte(text)) {
			return
		}
		accepted++
		var parsed string
		if err := d.Store.(*postgresStore).pool.QueryRow(t.Context(), "SELECT $1::text::jsonb::text", text).Scan(&parsed); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	})
	if accepted < 10 {
		t.Fatalf("only %d texts fit", accepted)
	}
}

func TestFitsJSONB(t *testing.T) {
	for text, expected := range map[string]bool{
		`{"value":21.5,"unit":"Cel"}`: true,
		`"\\u0000"`:                   true,
		`"\u0000"`:                    false,
		`"\ud83d\ude00"`:              true,
		`"\ud83d"`:                    false,
		`"\ud83dx"`:                   false,
		`"\ud83d\u0041"`:              false,
		`"\ude00"`:                    false,
		`1e400`:                       true,
		`1e-99999`:                    false,
		`1e99999999999999999999`:      false,
		`"1e99999"`:                   true,
		strings.Repeat("[", 501) + strings.Repeat("]", 501):                                     false,
		strings.Repeat("[", 500) + strings.Repeat("]", 500):                                     true,
		`"` + strings.Repeat("x", 5000) + `"`:                                                   true,
		strings.Repeat("9", 5000):                                                               false,
		`{"a":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `,"b":[[[[1,2],[3]]]]}`: true,
	} {
		if got := fitsJSONB([]byte(text)); got != expected {
			t.Errorf("%.80s: %t", text, got)
		}
	}
}
