package edgeevents

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

var exampleKey = outbox.Key{Node: "gateway-3", Class: "telemetry", Epoch: outbox.Epoch{Number: 7, Token: 0x0123456789abcdef}, Sequence: 42}

func TestMessage(t *testing.T) {
	event := Event{
		Type: TypeReading, Subject: "boiler", Time: time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.FixedZone("", 3600)),
		Data: json.RawMessage(`{"value":21.5,"unit":"Cel"}`),
	}
	body, err := event.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const expected = `{"source":"skerry/gateway-3/telemetry","id":"7-0123456789abcdef/42","sequence":"42","specversion":"1.0",` +
		`"type":"dev.skerry.sensor.reading.v1","subject":"boiler","time":"2026-03-01T11:00:00.5Z","data":{"value":21.5,"unit":"Cel"}}`
	if payload := string(Seal(exampleKey, body)); payload != expected {
		t.Fatalf("got  %s\nwant %s", payload, expected)
	}
}

var (
	nodes   = rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?(\.[a-z0-9]{1,10}){0,3}`)
	classes = rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`)
	keys    = rapid.Custom(func(t *rapid.T) outbox.Key {
		return outbox.Key{
			Node: nodes.Draw(t, "node"), Class: classes.Draw(t, "class"), Sequence: rapid.Uint64Min(1).Draw(t, "sequence"),
			Epoch: outbox.Epoch{Number: rapid.Uint64().Draw(t, "number"), Token: rapid.Uint64().Draw(t, "token")},
		}
	})
	texts = rapid.StringOf(rapid.Rune().Filter(func(each rune) bool { return !unicode.IsControl(each) }))
	jsons = rapid.Custom(func(t *rapid.T) json.RawMessage {
		value := rapid.OneOf(
			rapid.String().AsAny(), rapid.Float64Range(-1e300, 1e300).AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil),
			rapid.MapOf(rapid.String(), rapid.Int64()).AsAny(), rapid.SliceOf(rapid.String()).AsAny(),
		).Draw(t, "value")
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return text
	})
	events = rapid.Custom(func(t *rapid.T) Event {
		event := Event{Type: "t" + texts.Draw(t, "type"), Subject: texts.Draw(t, "subject")}
		if rapid.Bool().Draw(t, "hasTime") {
			event.Time = time.Unix(rapid.Int64Range(-62e9, 253e9).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
		}
		switch rapid.IntRange(0, 2).Draw(t, "content") {
		case 0:
			event.Data = jsons.Draw(t, "data")
		case 1:
			event.Binary = append([]byte{}, rapid.SliceOf(rapid.Byte()).Draw(t, "binary")...)
			event.ContentType = rapid.SampledFrom([]string{"", "application/octet-stream"}).Draw(t, "contentType")
		}
		return event
	})
)

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := Message{Key: keys.Draw(t, "key"), Event: events.Draw(t, "event")}
		body, err := message.Encode()
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := Decode(Seal(message.Key, body))
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if !reflect.DeepEqual(decoded, message) {
			t.Fatalf("got  %+v\nwant %+v", decoded, message)
		}
	})
}

func TestEncodeRefuses(t *testing.T) {
	for expected, event := range map[string]Event{
		"type: must not be empty":                 {},
		"type: must be UTF-8":                     {Type: "\xff"},
		`subject: "a\x00": must have no control`:  {Type: "t", Subject: "a\x00"},
		"subject: 70000 bytes: must have at most": {Type: "t", Subject: strings.Repeat("x", 70000)},
		"data: must be JSON":                      {Type: "t", Data: json.RawMessage("{")},
		"data, data_base64: must not both be set": {Type: "t", Data: json.RawMessage("1"), Binary: []byte{1}},
		"time: year 10000: must be between":       {Type: "t", Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		`datacontenttype: "\n": must have no con`: {Type: "t", ContentType: "\n"},
	} {
		if _, err := event.Encode(); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("got %v, want %s", err, expected)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	const key = `"source":"skerry/gateway-3/telemetry","id":"7-0123456789abcdef/42"`
	const valid = key + `,"sequence":"42","specversion":"1.0","type":"t"`
	if _, err := Decode([]byte(`{` + valid + `,"traceparent":"00-1","data":null,"subject":null}`)); err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		payload, expected string
		// known tells that the key is returned.
		known bool
	}{
		{payload: ``, expected: `must be a JSON object`},
		{payload: `[]`, expected: `must be a JSON object`},
		{payload: `{`, expected: `must be JSON: `},
		{payload: `{` + valid + `} {}`, expected: `must have nothing after the JSON object`},
		{payload: "{\"type\":\"\xff\"}", expected: `must be UTF-8`},
		{payload: `{` + valid + `,"type":"u"}`, expected: `type: must not occur twice`},
		{payload: `{"Type":"t",` + valid + `}`, expected: `"Type": names of attributes must have lower-case letters`},
		{payload: `{"id":"1-0123456789abcdef/1"}`, expected: `source: is required`},
		{payload: `{"source":"skerry/a/b"}`, expected: `id: is required`},
		{payload: `{"source":1}`, expected: `source: must be a string`},
		{payload: `{"source":"a/b","id":"x"}`, expected: `source: "a/b": must be skerry/<node>/<class>`},
		{payload: `{"source":"skerry/A/b","id":"x"}`, expected: `source: node "A": must be a DNS subdomain`},
		{payload: `{"source":"skerry/a/b/c","id":"x"}`, expected: `source: class "b/c": must be a DNS label`},
		{payload: `{"source":"skerry/a/b","id":"x"}`, expected: `id: "x": must be <epoch>/<sequence>`},
		{payload: `{"source":"skerry/a/b","id":"1-ab/1"}`, expected: `id: epoch "1-ab": must be a number`},
		{payload: `{"source":"skerry/a/b","id":"1-0123456789abcdef/0"}`, expected: `id: sequence "0": must be a decimal number from 1`},
		{payload: `{"source":"skerry/a/b","id":"1-0123456789abcdef/01"}`, expected: `id: sequence "01": must be a decimal number from 1`},
		{known: true, payload: `{` + key + `}`, expected: `specversion: is required`},
		{known: true, payload: `{` + key + `,"specversion":"0.3"}`, expected: `specversion: "0.3": must be 1.0`},
		{known: true, payload: `{` + key + `,"specversion":"1.0"}`, expected: `sequence: is required`},
		{known: true, payload: `{` + key + `,"specversion":"1.0","sequence":"41"}`, expected: `sequence: "41": must be that of the id, 42`},
		{known: true, payload: `{` + key + `,"specversion":"1.0","sequence":"42"}`, expected: `type: is required`},
		{known: true, payload: `{` + valid + `,"subject":""}`, expected: `subject: must not be empty`},
		{known: true, payload: `{` + valid + `,"subject":"a\u0000"}`, expected: `subject: "a\x00": must have no control characters`},
		{known: true, payload: `{` + valid + `,"time":"yesterday"}`, expected: `time: "yesterday": must be as in RFC 3339`},
		{known: true, payload: `{` + valid + `,"data":1,"data_base64":"AA=="}`, expected: `data, data_base64: must not both be set`},
		{known: true, payload: `{` + valid + `,"data_base64":"A"}`, expected: `data_base64: must be base64`},
		{known: true, payload: `{` + valid + `,"data_base64":1}`, expected: `data_base64: must be a string`},
		{known: true, payload: `{` + valid + `,"data":1,"datacontenttype":"text/plain"}`, expected: `datacontenttype: "text/plain": must be JSON if data is set`},
		{known: true, payload: `{` + valid + `,"extra":{}}`, expected: `extra: must be a string, a number or a boolean`},
	} {
		message, err := Decode([]byte(each.payload))
		if err == nil || !strings.HasPrefix(err.Error(), each.expected) {
			t.Errorf("%s: got %v, want %s", each.payload, err, each.expected)
		}
		if known := message.Key == exampleKey; known != each.known {
			t.Errorf("%s: key known: %t", each.payload, known)
		}
	}
}

// FuzzDecode checks that whatever is accepted can be encoded and means the same then.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"source":"skerry/a/b","id":"1-0123456789abcdef/1","sequence":"1","specversion":"1.0","type":"t","data":{"value":1}}`))
	f.Add([]byte(`{"source":"skerry/a/b","id":"1-0123456789abcdef/1","sequence":"1","specversion":"1.0","type":"t","time":"0000-01-01T00:00:00-23:00","data_base64":""}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		message, err := Decode(payload)
		if err != nil {
			return
		}
		body, err := message.Encode()
		if err != nil {
			t.Fatalf("%q is accepted and cannot be encoded: %v", payload, err)
		}
		again, err := Decode(Seal(message.Key, body))
		if err != nil || !reflect.DeepEqual(again, message) {
			t.Fatalf("%q\nfirst %+v\nagain %+v, %v", payload, message, again, err)
		}
	})
}
