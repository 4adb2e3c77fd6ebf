package ingest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeevents"
)

// TestPoisonIsPutIntoQuarantine stores a batch in which everything but two messages is wrong.
func TestPoisonIsPutIntoQuarantine(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		at := time.Now()
		up := edgeevents.UpTopic("gateway-1", "telemetry")
		sealed := func(sequence uint64, body string) []byte { return edgeevents.Seal(key(sequence), []byte(body)) }
		stranger := deliver(key(90), edgeevents.Event{})
		stranger.Topic = edgeevents.UpTopic("gateway-2", "telemetry")
		result := mustWrite(t, d,
			deliver(key(1), edgeevents.Event{}),
			Delivery{Topic: "skerry/v1/up/A\x01/b", Payload: []byte("x"), At: at},
			Delivery{Topic: up, Payload: []byte("{"), At: at, Truncated: true},
			Delivery{Topic: up, Payload: []byte("\x00\xff"), At: at},
			Delivery{Topic: up, Payload: nil, At: at},
			Delivery{Topic: up, Payload: sealed(2, `{"specversion":"2.0","type":"t"}`), At: at},
			Delivery{Topic: up, Payload: sealed(1<<63, `{"specversion":"1.0","type":"t"}`), At: at},
			Delivery{Topic: edgeevents.LossesTopic("gateway-1", "telemetry"), Payload: []byte(`{"losses":[{"first":1,"last":9223372036854775808,"reason":"Full"}]}`), At: at},
			stranger,
			deliver(key(3), edgeevents.Event{}),
			deliver(key(1), edgeevents.Event{Subject: "other"}),
		)
		if result.Stored != 2 || result.Duplicates != 1 || len(result.Conflicts) != 1 || result.Conflicts[0] != key(1) {
			t.Fatalf("%+v", result)
		}
		const expected = "map[conflict:1 envelope:5 size:1 source:1 topic:1]"
		if got := fmt.Sprint(result.Rejected); got != expected {
			t.Fatalf("got %s, want %s", got, expected)
		}
		// What was stored and what is in quarantine with a key is acknowledged, to its own node only.
		acknowledgements, err := result.Acknowledgements()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s", acknowledgements); got != `map[skerry/v1/ack/gateway-1/telemetry:[{"epoch":"1-0000000000000001","ranges":[{"first":1,"last":3}]}]]` {
			t.Fatal(got)
		}
		if got := text(d.query(t, `SELECT sequence, coalesce(subject, '-') FROM edge_messages ORDER BY sequence`)); got != "1 -\n3 -" {
			t.Fatal(got)
		}
		if got := text(d.query(t, `SELECT reason, count(*), sum(CASE WHEN sequence IS NULL THEN 0 ELSE 1 END) FROM edge_quarantine GROUP BY reason ORDER BY reason`)); !strings.HasPrefix(got, "conflict 1 ") || !strings.Contains(got, "envelope 5 ") {
			t.Fatal(got)
		}
		if got := text(d.query(t, `SELECT messages, duplicates, conflicts, rejected, missing, last_sequence FROM edge_status`)); got != "2 1 1 1 0 1" {
			t.Fatal(got)
		}
		// The same poison again is only counted.
		before := text(d.query(t, `SELECT count(*) FROM edge_quarantine`))
		mustWrite(t, d, Delivery{Topic: up, Payload: []byte("\x00\xff"), At: at})
		if after := text(d.query(t, `SELECT count(*) FROM edge_quarantine`)); after != before {
			t.Fatalf("%s rows, before %s", after, before)
		}
		if got := text(d.query(t, `SELECT max(received) FROM edge_quarantine`)); got != "2" {
			t.Fatal(got)
		}
	})
}

// TestWhatTheDatabaseRefusesDoesNotBlockOthers adds a constraint of an operator.
func TestWhatTheDatabaseRefusesDoesNotBlockOthers(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		d.exec(t, map[bool]string{
			true:  `ALTER TABLE edge_messages ADD CHECK (value < 1000)`,
			false: `CREATE TRIGGER plausible BEFORE INSERT ON edge_messages WHEN NEW.value >= 1000 BEGIN SELECT RAISE(ABORT, 'not plausible'); END`,
		}[strings.HasSuffix(t.Name(), "PostgreSQL")])
		var deliveries []Delivery
		for sequence := uint64(1); sequence <= 20; sequence++ {
			value := sequence
			if sequence == 7 || sequence == 20 {
				value = 5000
			}
			deliveries = append(deliveries, deliver(key(sequence), edgeevents.Event{Type: edgeevents.TypeReading, Data: fmt.Appendf(nil, `{"value":%d}`, value)}))
		}
		result := mustWrite(t, d, deliveries...)
		if result.Stored != 18 || result.Rejected[ReasonDatabase] != 2 {
			t.Fatalf("%+v", result)
		}
		if got := text(d.query(t, `SELECT sequence FROM edge_quarantine WHERE reason = 'database' ORDER BY sequence`)); got != "7\n20" {
			t.Fatal(got)
		}
		if got := text(d.query(t, `SELECT messages, rejected, missing FROM edge_status`)); got != "18 2 0" {
			t.Fatal(got)
		}
		// They were acknowledged, so they are duplicates now.
		if result := mustWrite(t, d, deliveries...); result.Stored != 0 || result.Duplicates != 20 || len(result.Conflicts) != 0 {
			t.Fatalf("%+v", result)
		}
	})
}

func TestContentIsStored(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		at := time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)
		mustWrite(t, d,
			deliver(key(1), edgeevents.Event{Type: edgeevents.TypeReading, Subject: "boiler", Time: at, Data: json.RawMessage(`{"value":21.5,"unit":"Cel"}`)}),
			deliver(key(2), edgeevents.Event{Type: edgeevents.TypeDeviceMessage, Subject: "a/b", Binary: []byte{1, 2}}),
			// jsonb refuses these. They are stored nonetheless.
			deliver(key(3), edgeevents.Event{Data: json.RawMessage(`{"a":"\u0000"}`)}),
			deliver(key(4), edgeevents.Event{Data: json.RawMessage(`1e99999`)}),
			deliver(key(5), edgeevents.Event{Type: edgeevents.TypeReading, Data: json.RawMessage(`{"value":"high","unit":"\u0000"}`)}),
			deliver(key(6), edgeevents.Event{Binary: []byte{}}),
		)
		if got := text(d.query(t, `SELECT count(*), max(value), max(unit), max(subject) FROM edge_messages`)); got != "6 21.5 Cel boiler" {
			t.Fatal(got)
		}
		if got := text(d.query(t, `SELECT sequence FROM edge_messages WHERE data IS NULL AND data_binary IS NULL`)); got != "" {
			t.Fatalf("messages without content: %s", got)
		}
		when := text(d.query(t, `SELECT time FROM edge_messages WHERE sequence = 1`))
		if !strings.HasPrefix(strings.Replace(when, "T", " ", 1), "2026-03-01 12:00:00.25") {
			t.Fatal(when)
		}
	})
}

// TestExtremesAreStored stores the least and the greatest values that a message may have.
func TestExtremesAreStored(t *testing.T) {
	forEachStore(t, func(t *testing.T, d database) {
		deliveries := []Delivery{
			deliver(key(math.MaxInt64), edgeevents.Event{Time: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), Subject: strings.Repeat("é", 30_000)}),
			deliver(key(math.MaxInt64-1), edgeevents.Event{Time: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}),
			deliver(key(1), edgeevents.Event{Type: edgeevents.TypeReading, Data: json.RawMessage(`{"value":-1.7976931348623157e308}`)}),
		}
		for _, expected := range []string{"3 0", "0 3"} {
			result := mustWrite(t, d, deliveries...)
			if got := fmt.Sprint(result.Stored, " ", result.Duplicates); got != expected || len(result.Rejected) > 0 {
				t.Fatalf("stored and repeated: %s, want %s, rejected %v", got, expected, result.Rejected)
			}
		}
		streams, err := d.Status(t.Context())
		if err != nil || streams[0].Missing < 9e18 || streams[0].Gaps != 1 {
			t.Fatalf("%+v, %v", streams, err)
		}
	})
}

func TestLocationsAreChecked(t *testing.T) {
	for location, expected := range map[string]string{
		"mysql://x":                    "must be sqlite:PATH or postgres://",
		"sqlite:":                      "sqlite: path must not be empty",
		"postgres://a:secret@b/c":      "must have no password: pass it in a file",
		"postgres://a@b/c?password=ab": "must have no password: pass it in a file",
	} {
		if _, err := OpenStore(location, ""); err == nil || !strings.HasPrefix(err.Error(), expected) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %s", location, err, expected)
		}
	}
}

// TestQuarantineIsBounded fills the quarantine with messages that cannot be acknowledged.
func TestQuarantineIsBounded(t *testing.T) {
	d := openTestSQLite(t)
	rejected := deliver(key(1), edgeevents.Event{})
	rejected.Payload = edgeevents.Seal(key(1), []byte(`{"specversion":"2.0","type":"t"}`))
	rejected.At = time.Now().Add(-time.Hour)
	mustWrite(t, d, rejected)
	for round := range 11 {
		var deliveries []Delivery
		for n := range 1000 {
			deliveries = append(deliveries, Delivery{Topic: "x", Payload: fmt.Appendf(nil, "%d", 1000*round+n), At: time.Now()})
		}
		mustWrite(t, d, deliveries...)
	}
	if got := text(d.query(t, `SELECT count(*), count(sequence) FROM edge_quarantine`)); got != "10001 1" {
		t.Fatal(got)
	}
}
