package sitestate

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func openSite(t *testing.T, site string, clock func() time.Time) *Database {
	t.Helper()
	opened, err := Open(t.Context(), Options{Path: memoryFolder(t) + "/state.db", Site: site, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// receive passes a message as the network does.
func receive(t *testing.T, by *Database, from, payload string) []Message {
	t.Helper()
	message, problems, err := DecodeMessage([]byte(payload))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	answers, err := by.Handle(t.Context(), from, message)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// TestNewerRecordsArePassedOn sends a record of a newer program, with a schema and members that this one does not know, to the
// hub, and from there to another site.
func TestNewerRecordsArePassedOn(t *testing.T) {
	hub, site := openSite(t, Hub, nil), openSite(t, "site-2", nil)
	receive(t, hub, "site-1", `{"protocol":1,"newMember":1,"records":[{"scope":"*","key":"a","value":{"x":"<é>","n":null},"stamp":"1700000000000-0",
		"origin":"site-1","schema":9,"writes":{"site-1":1},"priority":{"level":3},"b":[1, 2]}]}`)
	changed, err := hub.Changes(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range hub.Push("site-2", changed) {
		payload, err := each.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(payload), `"b":[1,2],"priority":{"level":3}`) {
			t.Fatalf("members are lost: %s", payload)
		}
		receive(t, site, Hub, string(payload))
	}
	got, err := site.Get(t.Context(), Name{Shared, "a"})
	if err != nil || got.Schema != 9 || string(got.Value) != "{\"x\":\"\\u003cé\\u003e\",\"n\":null}" {
		t.Fatalf("%+v, %v", got, err)
	}
	if hubs, err := hub.Get(t.Context(), Name{Shared, "a"}); err != nil || hubs.Version() != got.Version() {
		t.Fatalf("%+v, %v", hubs, err)
	}
	// An older program does not overwrite it.
	if _, err := site.Set(t.Context(), Name{Shared, "a"}, json.RawMessage(`1`), 8); !errors.Is(err, ErrNewerSchema) {
		t.Fatal(err)
	}
	if _, err := site.Set(t.Context(), Name{Shared, "a"}, json.RawMessage(`1`), 9); err != nil {
		t.Fatal(err)
	}
}

// TestAStampThatIsAheadIsReplaced writes with a clock that is a year ahead.
func TestAStampThatIsAheadIsReplaced(t *testing.T) {
	now := start
	hub := openSite(t, Hub, func() time.Time { return now })
	site := openSite(t, "site-1", func() time.Time { return now.AddDate(1, 0, 0) })
	written, err := site.Set(t.Context(), Name{"site-1", "a"}, json.RawMessage(`1`), 0)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := hub.Handle(t.Context(), "site-1", Message{Records: []Record{written}})
	if err != nil || len(answers) != 1 || len(answers[0].Refused) != 1 || answers[0].Refused[0].Reason != Ahead {
		t.Fatalf("%+v, %v", answers, err)
	}
	if _, err := hub.Get(t.Context(), written.Name); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	refusal, err := answers[0].Encode()
	if err != nil {
		t.Fatal(err)
	}
	again := receive(t, site, Hub, string(refusal))
	if len(again) != 1 {
		t.Fatalf("%+v", again)
	}
	// The refusal may arrive twice.
	if more := receive(t, site, Hub, string(refusal)); len(more) > 0 {
		t.Fatalf("%+v", more)
	}
	if answers, err := hub.Handle(t.Context(), "site-1", again[0]); err != nil || len(answers) > 0 {
		t.Fatalf("%+v, %v", answers, err)
	}
	got, err := hub.Get(t.Context(), written.Name)
	if err != nil || string(got.Value) != "1" || got.Stamp.Milliseconds != now.UnixMilli() {
		t.Fatalf("%+v, %v", got, err)
	}
	conflicts, err := site.Conflicts(t.Context())
	if err != nil || len(conflicts) != 1 || conflicts[0].Reason != Ahead {
		t.Fatalf("%+v, %v", conflicts, err)
	}
}

func TestAConflictIsRecordedOnce(t *testing.T) {
	hub := openSite(t, Hub, func() time.Time { return start })
	if _, err := hub.Set(t.Context(), Name{Shared, "a"}, json.RawMessage(`"hub"`), 0); err != nil {
		t.Fatal(err)
	}
	const loser = `{"protocol":1,"records":[{"scope":"*","key":"a","value":"site","stamp":"5-0","origin":"site-1","schema":0,"writes":{"site-1":1}}]}`
	receive(t, hub, "site-1", loser)
	receive(t, hub, "site-1", loser)
	conflicts, err := hub.Conflicts(t.Context())
	if err != nil || len(conflicts) != 1 || string(conflicts[0].Loser.Value) != `"site"` || conflicts[0].Winner.Origin != Hub {
		t.Fatalf("%+v, %v", conflicts, err)
	}
}

func TestRecordsOfOtherSitesAreIgnored(t *testing.T) {
	hub, site := openSite(t, Hub, nil), openSite(t, "site-1", nil)
	const foreign = `{"protocol":1,"records":[{"scope":"site-2","key":"a","value":1,"stamp":"5-0","origin":"site-1","schema":0,"writes":{}}]}`
	receive(t, hub, "site-1", foreign)
	receive(t, site, Hub, foreign)
	for _, each := range []*Database{hub, site} {
		if records, err := each.List(t.Context(), ""); err != nil || len(records) > 0 {
			t.Fatalf("%s: %+v, %v", each.Site, records, err)
		}
	}
	if _, err := site.Set(t.Context(), Name{"site-2", "a"}, json.RawMessage(`1`), 0); err == nil || err.Error() != `scope: "site-2": must be site-1 or * at this site` {
		t.Fatal(err)
	}
}

func TestADatabaseBelongsToOneSite(t *testing.T) {
	path := memoryFolder(t) + "/state.db"
	first, err := Open(t.Context(), Options{Path: path, Site: "site-1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Path: path, Site: "site-2"}); err == nil || err.Error() != `the database belongs to site "site-1", not "site-2"` {
		t.Fatal(err)
	}
}

func TestWritesAreChecked(t *testing.T) {
	site := openSite(t, "site-1", nil)
	for expected, write := range map[string]struct {
		name  Name
		value string
	}{
		"value: must be JSON":                         {Name{"site-1", "a"}, `{`},
		"value: 300002 bytes: must have at most":      {Name{"site-1", "a"}, `"` + strings.Repeat("x", 300_000) + `"`},
		`scope: "A": must be a DNS label, or * for`:   {Name{"A", "a"}, `1`},
		`key: "": must be names of letters`:           {Name{"site-1", ""}, `1`},
		`key: "a//b": must be names of letters`:       {Name{"site-1", "a//b"}, `1`},
		`key: "a b": must be names of letters`:        {Name{"site-1", "a b"}, `1`},
		`key: "/a": must be names of letters`:         {Name{"site-1", "/a"}, `1`},
		`scope: "site-2": must be site-1 or * at thi`: {Name{"site-2", "a"}, `1`},
	} {
		if _, err := site.Set(t.Context(), write.name, json.RawMessage(write.value), 0); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("got %v, want %s", err, expected)
		}
	}
	if _, err := site.Delete(t.Context(), Name{"site-1", "a"}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	for _, value := range []string{`null`, `0`, `""`, ` {"a" : 1} `} {
		if _, err := site.Set(t.Context(), Name{"site-1", "a"}, json.RawMessage(value), 0); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	if got, err := site.Get(t.Context(), Name{"site-1", "a"}); err != nil || string(got.Value) != `{"a":1}` || got.Writes["site-1"] != 4 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnInvalidRecordDoesNotKeepOthersBack(t *testing.T) {
	message, problems, err := DecodeMessage([]byte(`{"protocol":1,"records":[
		{"scope":"*","key":"","value":1,"stamp":"5-0","origin":"site-1","schema":0,"writes":{}},
		{"scope":"*","key":"a","value":1,"stamp":"5-0","origin":"site-1","schema":0,"writes":{}},
		{"scope":"*","key":"a","deleted":true,"value":1,"stamp":"5-0","origin":"site-1","schema":0,"writes":{}}]}`))
	if err != nil || len(message.Records) != 1 || len(problems) != 2 || !strings.HasPrefix(problems[0].Error(), `records[0].key: ""`) {
		t.Fatalf("%+v, %v, %v", message, problems, err)
	}
}

func TestMessagesAreRefused(t *testing.T) {
	for payload, expected := range map[string]string{
		``:                                "must be JSON",
		`{"protocol":2}`:                  "protocol: 2: must be 1",
		`{"protocol":1}`:                  "must not be empty",
		`{"protocol":1,"digests":"AAAA"}`: "digests: 3 bytes: must be 2048",
		`{"protocol":1,"summary":{"buckets":[256]}}`:                                                                "summary.buckets: 256: must be from 0 to 255",
		`{"protocol":1,"refused":[{"reason":"x","digest":"0000000000000000","stamp":"1-0","scope":"*","key":"a"}]}`: `refused[0].reason: "x": must be one of ahead, expired`,
		`{"protocol":1,"records":[{"stamp":"x"}]}`:                                                                  `must be JSON: stamp "x": must be milliseconds`,
	} {
		if _, _, err := DecodeMessage([]byte(payload)); err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: got %v, want %s", payload, err, expected)
		}
	}
}

func TestStampsAreParsed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stamp := Stamp{Milliseconds: rapid.Int64Range(0, maxMilliseconds).Draw(t, "milliseconds"), Counter: rapid.Uint32().Draw(t, "counter")}
		if parsed, err := ParseStamp(stamp.String()); err != nil || parsed != stamp {
			t.Fatalf("%v, %v", parsed, err)
		}
		if stamp.next().Compare(stamp) != 1 {
			t.Fatalf("%v is not after %v", stamp.next(), stamp)
		}
		now := time.UnixMilli(rapid.Int64Range(-1e12, 3e14).Draw(t, "now"))
		if written := newStamp(now, stamp); written.Compare(stamp) != 1 {
			t.Fatalf("a write at %v gets %v after %v", now, written, stamp)
		}
	})
	for _, text := range []string{"", "1", "-1-0", "1-", "01-0", "1-4294967296", "253402300800000-0", "1-0 "} {
		if _, err := ParseStamp(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// FuzzDecodeMessage checks that what is accepted is encoded to the same meaning, and that no message harms a database.
func FuzzDecodeMessage(f *testing.F) {
	f.Add([]byte(`{"protocol":1,"records":[{"scope":"*","key":"a","value":{"x":1},"stamp":"5-0","origin":"site-1","schema":1,"writes":{"site-1":1},"new":[null]}]}`))
	f.Add([]byte(`{"protocol":1,"summary":{"buckets":[1,1],"versions":[{"scope":"*","key":"a","stamp":"5-0","origin":"b","digest":"0000000000000001"}]}}`))
	folder, err := Open(context.Background(), Options{Path: f.TempDir() + "/state.db", Site: Hub})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		message, _, err := DecodeMessage(payload)
		if err != nil {
			return
		}
		encoded, err := message.Encode()
		if err != nil {
			t.Fatalf("%s is accepted and cannot be encoded: %v", payload, err)
		}
		again, problems, err := DecodeMessage(encoded)
		if len(message.Records)+len(message.Refused)+len(message.Digests) == 0 && message.Summary == nil {
			return
		}
		if err != nil || len(problems) > 0 || !reflect.DeepEqual(again.Records, message.Records) {
			t.Fatalf("%s\nfirst %+v\nagain %+v, %v, %v", payload, message, again, problems, err)
		}
		if _, err := folder.Handle(context.Background(), "site-1", message); err != nil {
			t.Fatalf("%s: %v", payload, err)
		}
	})
}
