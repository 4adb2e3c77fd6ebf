package sitestate

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// chaos lets things happen in a world: writes, steps of clocks, messages that arrive, get lost, are repeated or overtake each
// other, restarts, and, if wanted, restored backups.
type chaos struct {
	// maxStep is how far clocks step, in either direction.
	maxStep  time.Duration
	restores bool
}

func (c chaos) run(t *rapid.T, w *world) {
	anyNode := rapid.SampledFrom(w.names)
	anySite := rapid.SampledFrom(w.names[1:])
	counter := 0
	for range rapid.IntRange(5, 60).Draw(t, "steps") {
		switch rapid.IntRange(0, 13).Draw(t, "step") {
		case 0, 1, 2:
			at := anyNode.Draw(t, "writes")
			scope := rapid.SampledFrom([]string{Shared, "site-1", "site-2"}).Draw(t, "scope")
			if at != Hub && scope != Shared {
				scope = at
			}
			counter++
			value := fmt.Sprintf(`{"n":%d}`, counter)
			if rapid.IntRange(0, 3).Draw(t, "deletes") == 0 {
				value = ""
			}
			w.write(at, Name{scope, rapid.SampledFrom([]string{"a", "agents/b", "c"}).Draw(t, "key")}, value)
		case 3:
			step := time.Duration(rapid.Int64Range(-int64(c.maxStep), int64(c.maxStep)).Draw(t, "by"))
			n := w.nodes[anyNode.Draw(t, "clock")]
			// Clocks wander around the same time.
			if ahead := n.clock.Add(step).Sub(start); ahead < c.maxStep && ahead > -c.maxStep {
				n.clock = n.clock.Add(step)
			}
			if hub := w.nodes[Hub].clock; hub.After(w.latest) {
				w.latest = hub
			}
		case 4, 5:
			w.push(anyNode.Draw(t, "pushes"))
		case 6:
			w.compare(anySite.Draw(t, "compares"))
		case 7, 8, 9:
			for range rapid.IntRange(1, 5).Draw(t, "arrivals") {
				if len(w.underWay) > 0 {
					index := rapid.IntRange(0, len(w.underWay)-1).Draw(t, "arrives")
					next := w.underWay[index]
					w.underWay = append(w.underWay[:index:index], w.underWay[index+1:]...)
					w.deliver(next)
				}
			}
		case 10:
			if len(w.underWay) > 0 {
				w.deliver(w.underWay[rapid.IntRange(0, len(w.underWay)-1).Draw(t, "arrives twice")])
			}
		case 11:
			if len(w.underWay) > 0 {
				index := rapid.IntRange(0, len(w.underWay)-1).Draw(t, "lost")
				w.underWay = append(w.underWay[:index:index], w.underWay[index+1:]...)
			}
		case 12:
			w.restart(anyNode.Draw(t, "restarts"))
		case 13:
			if !c.restores {
				continue
			}
			if rapid.Bool().Draw(t, "restores") {
				w.restore(anyNode.Draw(t, "restored"))
			} else {
				w.save(anyNode.Draw(t, "saved"))
			}
		}
	}
}

// winnerOf returns the record that the rule chooses.
func winnerOf(records []Record) Record {
	winner := records[0]
	for _, each := range records[1:] {
		if each.Version().Compare(winner.Version()) > 0 {
			winner = each
		}
	}
	return winner
}

// TestSitesConvergeToTheGreatestStamp has clocks that differ by less than what the hub allows. Of all writes that were ever
// made, the one with the greatest stamp wins everywhere, whatever happened to messages. Those that its author did not know are in
// a log of conflicts.
func TestSitesConvergeToTheGreatestStamp(t *testing.T) {
	folder := memoryFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, folder, rapid.IntRange(1, 3).Draw(t, "sites"), Options{MaxAhead: 20 * time.Minute})
		defer w.close()
		chaos{maxStep: 9 * time.Minute}.run(t, w)
		w.settle()
		losers := w.losers()
		for name, written := range w.written {
			winner := winnerOf(written)
			for _, each := range written {
				if known := append([]Record{winner}, losers[name]...); !slices.ContainsFunc(known, func(other Record) bool { return other.follows(each) }) {
					t.Fatalf("%s = %s@%s/%s was overwritten without a trace", name, each.Value, each.Stamp, each.Origin)
				}
			}
			for _, at := range w.names {
				if at != Hub && name.Scope != Shared && name.Scope != at || name.Scope != Shared && w.nodes[name.Scope] == nil {
					continue
				}
				site := at
				if at == Hub {
					site = name.Scope
				}
				if got := w.records(at, site)[name]; got.Version() != winner.Version() {
					t.Fatalf("%s has %s = %s@%s/%s, the winner is %s@%s/%s", at, name, got.Value, got.Stamp, got.Origin, winner.Value, winner.Stamp, winner.Origin)
				}
			}
		}
	})
}

// TestSitesConvergeAfterRestoredBackups restores databases, too. Of what is in any database or under way when the chaos
// ends, the greatest stamp wins.
func TestSitesConvergeAfterRestoredBackups(t *testing.T) {
	folder := memoryFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, folder, rapid.IntRange(1, 3).Draw(t, "sites"), Options{MaxAhead: 20 * time.Minute})
		defer w.close()
		chaos{maxStep: 9 * time.Minute, restores: true}.run(t, w)
		surviving := map[Name][]Record{}
		for _, site := range w.names[1:] {
			for _, at := range []string{Hub, site} {
				for name, each := range w.records(at, site) {
					surviving[name] = append(surviving[name], each)
				}
			}
		}
		for _, p := range w.underWay {
			message, _, err := DecodeMessage(p.payload)
			if err != nil {
				t.Fatal(err)
			}
			for _, each := range message.Records {
				surviving[each.Name] = append(surviving[each.Name], each)
			}
		}
		w.settle()
		for name, records := range surviving {
			winner := winnerOf(records)
			site := name.Scope
			if site == Shared {
				site = w.names[1]
			}
			if got := w.records(Hub, site)[name]; got.Version() != winner.Version() {
				t.Fatalf("%s is %s@%s/%s, the winner is %s@%s/%s", name, got.Value, got.Stamp, got.Origin, winner.Value, winner.Stamp, winner.Origin)
			}
		}
	})
}

// TestSitesConvergeWithAnyClock has clocks that are years apart. Every stamp that a site got from the hub was possible by the
// hub's clock, and each value that won was written by a site or the hub.
func TestSitesConvergeWithAnyClock(t *testing.T) {
	folder := memoryFolder(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, folder, rapid.IntRange(1, 3).Draw(t, "sites"), Options{})
		defer w.close()
		chaos{maxStep: 5 * 365 * 24 * time.Hour}.run(t, w)
		w.settle()
		limit := w.latest.Add(w.nodes[Hub].MaxAhead).UnixMilli()
		for name, written := range w.written {
			values := map[string]bool{"": true}
			for _, each := range written {
				values[string(each.Value)] = true
			}
			site := name.Scope
			if site == Shared {
				site = w.names[1]
			}
			if w.nodes[site] == nil {
				continue
			}
			got, found := w.records(Hub, site)[name]
			if !found || !values[string(got.Value)] {
				t.Fatalf("%s is %s, written were %v", name, got.Value, values)
			}
			if got.Stamp.Milliseconds > limit {
				t.Fatalf("%s has the stamp %s, the limit is %d", name, got.Stamp, limit)
			}
		}
	})
}

// TestMergingIsAJoin checks that the order and the repetition of records do not matter.
func TestMergingIsAJoin(t *testing.T) {
	record := rapid.Custom(func(t *rapid.T) Record {
		return Record{
			Name: Name{Shared, "a"}, Value: fmt.Appendf(nil, "%d", rapid.IntRange(0, 3).Draw(t, "value")),
			Stamp:  Stamp{Milliseconds: rapid.Int64Range(0, 3).Draw(t, "milliseconds"), Counter: rapid.Uint32Range(0, 1).Draw(t, "counter")},
			Origin: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "origin"),
		}
	})
	fold := func(records []Record) Version {
		var stored *Record
		for _, each := range records {
			if merge(stored, each).take {
				stored = &each
			}
		}
		return stored.Version()
	}
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(record, 1, 8).Draw(t, "records")
		expected := winnerOf(records).Version()
		shuffled := rapid.Permutation(append(records, records...)).Draw(t, "shuffled")
		if got := fold(shuffled); got != expected {
			t.Fatalf("got %v, want %v", got, expected)
		}
	})
}
