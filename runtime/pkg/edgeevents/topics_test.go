package edgeevents

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/pkg/outbox"
)

func TestTopicsAndKeysAreParsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := keys.Draw(t, "key")
		for _, each := range []struct {
			format func(node, class string) string
			parse  func(topic string) (string, string, error)
		}{{UpTopic, ParseUpTopic}, {AckTopic, ParseAckTopic}, {LossesTopic, ParseLossesTopic}} {
			topic := each.format(key.Node, key.Class)
			if node, class, err := each.parse(topic); err != nil || node != key.Node || class != key.Class {
				t.Fatalf("%s: %q, %q, %v", topic, node, class, err)
			}
		}
		if node, err := ParseReportedTopic(ReportedTopic(key.Node)); err != nil || node != key.Node {
			t.Fatalf("%q, %v", node, err)
		}
		if site, err := ParseSyncUpTopic(SyncUpTopic(key.Class)); err != nil || site != key.Class {
			t.Fatalf("%q, %v", site, err)
		}
		if parsed, err := ParseKey(Source(key), ID(key)); err != nil || parsed != key {
			t.Fatalf("%v, %v", parsed, err)
		}
	})
}

func TestTopicsAreRefused(t *testing.T) {
	for topic, expected := range map[string]string{
		"":                      `topic "": must be skerry/v1/up/<node>/<class>`,
		"skerry/v1/up/a":        `topic "skerry/v1/up/a": must be skerry/v1/up/<node>/<class>`,
		"skerry/v1/ack/a/b":     `topic "skerry/v1/ack/a/b": must be skerry/v1/up/<node>/<class>`,
		"skerry/v1/up/A/b":      `topic: node "A": must be a DNS subdomain`,
		"skerry/v1/up//b":       `topic: node "": must be a DNS subdomain`,
		"skerry/v1/up/a/b/c":    `topic: class "b/c": must be a DNS label`,
		"skerry/v1/up/a/b\x00":  `topic: class "b\x00": must be a DNS label`,
		"skerry/v1/up/node/b.c": `topic: class "b.c": must be a DNS label`,
	} {
		if _, _, err := ParseUpTopic(topic); err == nil || err.Error() != expected {
			t.Errorf("%q: got %v, want %s", topic, err, expected)
		}
	}
	if _, err := ParseReportedTopic("skerry/v1/reported/a/b"); err == nil {
		t.Error("a topic below the node's is accepted")
	}
	if _, err := ParseSyncUpTopic(SyncDownTopic("osaka")); err == nil {
		t.Error("a topic down to a site is accepted")
	}
}

func TestAcknowledgementsAreDecoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acknowledgement := Acknowledgement{Epoch: keys.Draw(t, "key").Epoch}
		last := uint64(0)
		for range rapid.IntRange(1, 5).Draw(t, "ranges") {
			first := last + rapid.Uint64Range(1, 1000).Draw(t, "gap")
			last = first + rapid.Uint64Range(0, 1000).Draw(t, "length")
			acknowledgement.Ranges = append(acknowledgement.Ranges, outbox.Range{First: first, Last: last})
		}
		payload, err := acknowledgement.Encode()
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := DecodeAcknowledgement(payload)
		if err != nil || decoded.Epoch != acknowledgement.Epoch || len(decoded.Ranges) != len(acknowledgement.Ranges) {
			t.Fatalf("%s: %+v, %v", payload, decoded, err)
		}
		for index, each := range decoded.Ranges {
			if each != acknowledgement.Ranges[index] {
				t.Fatalf("%s: %+v", payload, decoded)
			}
		}
	})
}

func TestAcknowledgementsAreRefused(t *testing.T) {
	for payload, expected := range map[string]string{
		`{"ranges":[{"first":1,"last":1}]}`:                                                   `epoch: is required`,
		`{"epoch":"1-0123456789abcdef","ranges":[]}`:                                          `ranges: must not be empty`,
		`{"epoch":"1-0123456789abcdef","ranges":[{"first":0,"last":1}]}`:                      `ranges[0]: 0 to 1: must not be empty or begin at 0`,
		`{"epoch":"1-0123456789abcdef","ranges":[{"first":2,"last":1}]}`:                      `ranges[0]: 2 to 1: must not be empty or begin at 0`,
		`{"epoch":"1-0123456789abcdef","ranges":[{"first":1,"last":2},{"first":2,"last":3}]}`: `ranges[1]: 2 to 3: must be after 2`,
		`{"epoch":"1-0123456789abcdef","ranges":[{"first":1,"last":2}],"more":1}`:             `must be JSON: json: unknown field "more"`,
		`{"epoch":"1-0123456789abcdef","ranges":[{"first":1,"last":2}]}{"epoch":"1"}`:         `must have nothing after the JSON object`,
		`{"epoch":"1","ranges":[{"first":1,"last":2}]}`:                                       `must be JSON: epoch "1": must be a number, a hyphen and 16 hexadecimal digits`,
	} {
		if _, err := DecodeAcknowledgement([]byte(payload)); err == nil || err.Error() != expected {
			t.Errorf("%s: got %v, want %s", payload, err, expected)
		}
	}
}

func TestLossesAreDecoded(t *testing.T) {
	losses := Losses{Losses: []outbox.Loss{
		{Range: outbox.Range{First: 10, Last: 12}, Reason: outbox.LossFull},
		{Range: outbox.Range{First: 3, Last: 3}, Reason: outbox.LossCorrupt},
	}}
	payload, err := losses.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if expected := `{"losses":[{"first":10,"last":12,"reason":"Full"},{"first":3,"last":3,"reason":"Corrupt"}]}`; string(payload) != expected {
		t.Fatalf("got %s, want %s", payload, expected)
	}
	decoded, err := DecodeLosses(payload)
	if err != nil || len(decoded.Losses) != 2 || decoded.Losses[0] != losses.Losses[0] {
		t.Fatalf("%+v, %v", decoded, err)
	}
	for payload, expected := range map[string]string{
		`{"losses":[{"first":1,"last":1}]}`:                 `losses[0].reason: must not be empty`,
		`{"losses":[{"first":2,"last":1,"reason":"Full"}]}`: `losses[0]: 2 to 1: must not be empty or begin at 0`,
	} {
		if _, err := DecodeLosses([]byte(payload)); err == nil || err.Error() != expected {
			t.Errorf("%s: got %v, want %s", payload, err, expected)
		}
	}
}
