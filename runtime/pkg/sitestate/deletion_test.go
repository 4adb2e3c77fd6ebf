package sitestate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const day = 24 * time.Hour

// pass lets time pass everywhere. The hub forgets tombstones every day, and sites compare every day if they are connected.
func (w *world) pass(days int, connected ...string) {
	for range days {
		for _, n := range w.nodes {
			n.clock = n.clock.Add(day)
		}
		if err := w.nodes[Hub].Forget(context.Background()); err != nil {
			w.t.Fatal(err)
		}
		for _, site := range connected {
			w.compare(site)
		}
		for len(w.underWay) > 0 {
			next := w.underWay[0]
			w.underWay = w.underWay[1:]
			w.deliver(next)
		}
	}
}

// TestDeletedRecordsStayDeleted restores the backup of a site from before a deletion, after any number of days.
func TestDeletedRecordsStayDeleted(t *testing.T) {
	folder := memoryFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, folder, 2, Options{Retention: 10 * day})
		defer w.close()
		name := Name{Shared, "a"}
		w.write("site-1", name, `"old"`)
		w.pass(2, "site-1", "site-2")
		w.save("site-2")
		w.pass(rapid.IntRange(0, 15).Draw(t, "before"), "site-1", "site-2")
		w.write("site-1", name, "")
		deletedKnown := rapid.IntRange(1, 40).Draw(t, "after")
		w.pass(deletedKnown, "site-1")
		w.restore("site-2")
		w.settle()
		for _, at := range w.names {
			if got, found := w.records(at, "site-1")[name]; found && !got.Deleted {
				t.Fatalf("after %d days, %s has %s again", deletedKnown, at, got.Value)
			}
		}
	})
}

func TestTombstonesAreForgotten(t *testing.T) {
	w := newWorld(t, memoryFolder(t), 1, Options{Retention: 10 * day})
	defer w.close()
	name := Name{"site-1", "a"}
	w.write("site-1", name, `1`)
	w.pass(20, "site-1")
	w.write("site-1", name, "")
	w.pass(9, "site-1")
	if records := w.records(Hub, "site-1"); !records[name].Deleted {
		t.Fatalf("forgotten too early: %v", describe(records))
	}
	w.pass(3, "site-1")
	for _, at := range w.names {
		if records := w.records(at, "site-1"); len(records) > 0 {
			t.Fatalf("%s keeps %v", at, describe(records))
		}
	}
	// The name can be used again.
	w.write("site-1", name, `2`)
	w.pass(1, "site-1")
	if got := w.records(Hub, "site-1")[name]; string(got.Value) != "2" {
		t.Fatalf("%s", got.Value)
	}
}

// TestALostHubGetsEverythingBack replaces the hub's database by an empty one. Old records are not taken for deleted ones.
func TestALostHubGetsEverythingBack(t *testing.T) {
	w := newWorld(t, memoryFolder(t), 2, Options{Retention: 10 * day})
	defer w.close()
	w.save(Hub)
	w.write("site-1", Name{Shared, "a"}, `1`)
	w.pass(100, "site-1", "site-2")
	w.restore(Hub)
	w.pass(1, "site-2")
	if got := w.records(Hub, "site-1")[Name{Shared, "a"}]; string(got.Value) != "1" {
		t.Fatalf("%s", got.Value)
	}
}

// TestAHubOfABackup restores a backup of the hub that is younger than half of the retention.
func TestAHubOfABackup(t *testing.T) {
	w := newWorld(t, memoryFolder(t), 2, Options{Retention: 10 * day})
	defer w.close()
	old, recent, deleted := Name{Shared, "old"}, Name{Shared, "recent"}, Name{Shared, "deleted"}
	w.write("site-1", old, `1`)
	w.write("site-1", deleted, `1`)
	w.pass(50, "site-1", "site-2")
	w.save(Hub)
	w.write("site-1", recent, `2`)
	w.write("site-1", deleted, "")
	w.pass(4, "site-1", "site-2")
	w.restore(Hub)
	w.pass(1, "site-1", "site-2")
	records := w.records(Hub, "site-1")
	if string(records[old].Value) != "1" || string(records[recent].Value) != "2" || !records[deleted].Deleted {
		t.Fatalf("%v", describe(records))
	}
}

// TestAWithdrawnRecordIsReported lets a site return after its records were deleted and forgotten.
func TestAWithdrawnRecordIsReported(t *testing.T) {
	w := newWorld(t, memoryFolder(t), 2, Options{Retention: 10 * day})
	defer w.close()
	name := Name{Shared, "agents/gateway-1"}
	w.write("site-1", name, `{"a":1}`)
	w.pass(2, "site-1", "site-2")
	w.write("site-1", name, "")
	w.pass(40, "site-1")
	before, err := w.nodes["site-2"].LastChange(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	w.pass(1, "site-2")
	if _, err := w.nodes["site-2"].Get(context.Background(), name); err != ErrNotFound {
		t.Fatal(err)
	}
	conflicts, err := w.nodes["site-2"].Conflicts(context.Background())
	if err != nil || len(conflicts) != 1 || conflicts[0].Reason != Expired || string(conflicts[0].Loser.Value) != `{"a":1}` {
		t.Fatalf("%+v, %v", conflicts, err)
	}
	changed, err := w.nodes["site-2"].Changes(context.Background(), before, 10)
	if err != nil || len(changed) != 1 || !changed[0].Withdrawn || !changed[0].Deleted {
		t.Fatalf("%+v, %v", changed, err)
	}
	// A later write with that name is a new record.
	w.write("site-1", name, `{"a":2}`)
	w.pass(2, "site-1", "site-2")
	if got, err := w.nodes["site-2"].Get(context.Background(), name); err != nil || string(got.Value) != `{"a":2}` {
		t.Fatalf("%s, %v", got.Value, err)
	}
}

// TestAClockThatJumpsForgetsNothing lets the hub's clock be wrong for a day.
func TestAClockThatJumpsForgetsNothing(t *testing.T) {
	for _, jump := range []time.Duration{4 * day, 20 * day, 5000 * day, -5000 * day} {
		t.Run(fmt.Sprint(jump), func(t *testing.T) {
			w := newWorld(t, memoryFolder(t), 1, Options{Retention: 10 * day})
			defer w.close()
			w.write("site-1", Name{"site-1", "a"}, `1`)
			w.pass(30, "site-1")
			hub := w.nodes[Hub]
			hub.clock = hub.clock.Add(jump)
			w.pass(1, "site-1")
			hub.clock = hub.clock.Add(-jump)
			// A record that was written 5 days ago arrives only now.
			w.write("site-1", Name{"site-1", "b"}, `2`)
			w.pass(5)
			w.pass(1, "site-1")
			for _, at := range w.names {
				if records := w.records(at, "site-1"); len(records) != 2 || string(records[Name{"site-1", "b"}].Value) != "2" {
					t.Fatalf("%s has %v", at, describe(records))
				}
			}
		})
	}
}
