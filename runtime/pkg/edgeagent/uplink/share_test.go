package uplink

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestLanesGetTheirShareOfTheBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.IntRange(1, 99).Draw(t, "backlogPercent")
		size := rapid.IntRange(1, 10_000)
		shared := newShare(percent)
		var sent [len(lanes)]float64
		const messages = 5000
		largest := 0
		for range messages {
			lane, ok := shared.choose([...]bool{true, true})
			if !ok {
				t.Fatal("no lane was chosen")
			}
			bytes := size.Draw(t, "bytes")
			largest = max(largest, bytes)
			shared.serve(lane, bytes)
			sent[lane] += float64(bytes)
		}
		total := sent[Live] + sent[Backlog]
		// A lane is never more than about one message behind its share.
		if deviation := math.Abs(sent[Backlog] - total*float64(percent)/100); deviation > float64(2*largest) {
			t.Errorf("the backlog got %.1f %% of the bytes, want %d %%", 100*sent[Backlog]/total, percent)
		}
	})
}

func TestALaneThatWasIdleGainsNoClaim(t *testing.T) {
	shared := newShare(50)
	for range 1000 {
		lane, _ := shared.choose([...]bool{Live: true, Backlog: false})
		shared.serve(lane, 100)
	}
	served := [len(lanes)]int{}
	for range 100 {
		lane, _ := shared.choose([...]bool{true, true})
		shared.serve(lane, 100)
		served[lane]++
	}
	if served[Live] < 49 || served[Backlog] < 49 {
		t.Errorf("after live messages alone, the lanes got %v of 100 messages", served)
	}
	if _, ok := shared.choose([len(lanes)]bool{}); ok {
		t.Error("a lane was chosen although none waits")
	}
}
