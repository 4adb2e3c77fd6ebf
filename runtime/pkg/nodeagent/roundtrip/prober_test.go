package roundtrip

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func nodes(t *testing.T, names map[string]string) []Node {
	t.Helper()
	var list []Node
	for name, region := range names {
		list = append(list, Node{Name: name, Region: region, Address: respond(t, name).String()})
	}
	slices.SortFunc(list, func(a, b Node) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return list
}

func TestProberMeasuresEveryOtherRegion(t *testing.T) {
	list := nodes(t, map[string]string{"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"})
	// Nothing answers at this node's address.
	list = append(list, Node{Name: "d1", Region: "d", Address: "127.0.0.1:1"}, Node{Name: "e1", Region: "e", Address: "nowhere"})
	prober := &Prober{Node: "a1", Nodes: func() []Node { return list }, Interval: time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); prober.Run(ctx) }()
	deadline := time.Now().Add(20 * time.Second)
	for len(prober.Measurements(time.Now())) < 2 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-ended
	measured := prober.Measurements(time.Now())
	if len(measured) != 2 || measured[0].Region != "b" || measured[1].Region != "c" {
		t.Fatalf("got %+v, want b and c", measured)
	}
	for _, each := range measured {
		if each.Median <= 0 || each.Median > timeout || each.Probes < minResults || each.Spread < 0 {
			t.Errorf("got %+v", each)
		}
	}
	if stale := prober.Measurements(time.Now().Add(maxAge + time.Second)); len(stale) > 0 {
		t.Errorf("after %v: got %+v", maxAge, stale)
	}
	prober.retain(nil)
	if left := prober.Measurements(time.Now()); len(left) > 0 {
		t.Errorf("without targets: got %+v", left)
	}
}

func TestTargetsStartAtTheOwnPlace(t *testing.T) {
	list := []Node{
		{"a1", "a", "10.0.0.1:1"}, {"a2", "a", "10.0.0.2:1"}, {"b1", "b", "10.0.1.1:1"}, {"b2", "b", "10.0.1.2:1"}, {"c1", "c", "10.0.2.1:1"},
	}
	first := func(node string) string {
		var names string
		targets := targetsFor(node, list)
		for _, region := range []string{"a", "b", "c"} {
			if len(targets[region]) > 0 {
				names += targets[region][0].node + " "
			}
		}
		return names
	}
	for node, want := range map[string]string{"a1": "b1 c1 ", "a2": "b2 c1 ", "c1": "a1 b1 ", "other": ""} {
		if got := first(node); got != want {
			t.Errorf("%s: got %q, want %q", node, got, want)
		}
	}
}

func TestIntervalsKeepToAFewProbesPerMinute(t *testing.T) {
	prober := &Prober{turns: map[string]int{}}
	expect := func(what string, regions int, want time.Duration) {
		t.Helper()
		names := make([]string, regions)
		for i := range names {
			names[i] = fmt.Sprint("region-", i)
		}
		if got := prober.interval(names); got < want*9/10 || got > want*11/10 {
			t.Errorf("%s, %d regions: got %v, want about %v", what, regions, got, want)
		}
		for _, name := range names {
			prober.turns[name]++
		}
	}
	expect("without targets", 0, 5*time.Second)
	for range minResults {
		expect("first probes", 3, 2*time.Second)
	}
	for regions, want := range map[int]time.Duration{1: 30 * time.Second, 3: 10 * time.Second} {
		expect("later probes", regions, want)
	}
	expect("a new region", 4, 2*time.Second)
	for range minResults {
		expect("first probes", 90, 2*time.Second)
	}
	expect("later probes", 90, 2*time.Second)
}

func TestMedianIgnoresOutliersAndFollowsAChange(t *testing.T) {
	now := time.Now()
	var w window
	for i, ms := range []int{40, 41, 900, 42, 1, 40, 41} {
		w = w.add(result{now.Add(time.Duration(i) * time.Second), time.Duration(ms) * time.Millisecond})
	}
	measured, ok := w.measure("b", now)
	if !ok || measured.Median != 41*time.Millisecond || measured.Spread != 1500*time.Microsecond || measured.Probes != 7 {
		t.Errorf("got %+v", measured)
	}
	for range 5 {
		w = w.add(result{now, 80 * time.Millisecond})
	}
	if measured, _ := w.measure("b", now); measured.Median != 80*time.Millisecond || len(w) != windowSize {
		t.Errorf("after a change: got %+v", measured)
	}
	if _, ok := w[:minResults-1].measure("b", now); ok {
		t.Error("measured with too few results")
	}
}

func TestReadNodesKeepsTheLastValidList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nodes.json")
	read := ReadNodes(file, slog.New(slog.DiscardHandler))
	expect := func(content string, want int) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := read(); len(got) != want {
			t.Errorf("%q: got %d nodes, want %d", content, len(got), want)
		}
	}
	if got := read(); len(got) != 0 {
		t.Errorf("without a file: got %v", got)
	}
	expect("", 0)
	list := `[{"name":"a","region":"r","address":"10.0.0.1:1"}]`
	expect(fmt.Sprintf(`{"version":1,"nodes":%s}`, list), 1)
	expect(`{"version":1,"nodes":`, 1)
	expect(fmt.Sprintf(`{"version":2,"nodes":%s}`, `[]`), 1)
	expect(`{"version":1,"nodes":[]}`, 0)
}
