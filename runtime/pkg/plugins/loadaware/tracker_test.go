package loadaware

import (
	"math"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

var zero = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return zero.Add(time.Duration(seconds) * time.Second) }

// newTracker returns a tracker with one node, n.
func newTracker(maxAge time.Duration) *tracker {
	tr := &tracker{source: &load.Store{}, freshness: load.Freshness{MaxAge: maxAge, MaxClockSkew: 10 * time.Second}, onHeadroomChange: func(headroom, headroom) {}}
	tr.setNode(node("n", 4), zero)
	return tr
}

func cores(cores float64) podDemand { return podDemand{request: resources{cores: cores}} }

const window = 30 * time.Second

// correctionAt returns the correction of a sample at a second, in requested cores.
func correctionAt(tr *tracker, sample int) float64 {
	tr.setProfile("n", &load.Profile{Time: at(sample), Window: window}, at(sample))
	return tr.nodes.Get("n").snapshot.Load().correction.requested.cores
}

func TestCorrectsForPodsThatStartedAfterTheSample(t *testing.T) {
	for sample, want := range map[int]float64{70: 2, 100: 2, 115: 1, 130: 0, 500: 0} {
		tr := newTracker(time.Hour)
		tr.assign("n", "pod", cores(2), at(100), at(100))
		if got := correctionAt(tr, sample); math.Abs(got-want) > 1e-9 {
			t.Errorf("sample at second %d: got %v, want %v", sample, got, want)
		}
	}
}

func TestCorrectsForPodsThatEndedAfterTheSample(t *testing.T) {
	for sample, want := range map[int]float64{95: 0, 115: -1, 150: -2, 200: -2, 215: -1, 230: 0} {
		tr := newTracker(time.Hour)
		tr.assign("n", "pod", cores(2), at(100), at(100))
		tr.end("n", "pod", cores(2), at(200))
		if got := correctionAt(tr, sample); math.Abs(got-want) > 1e-9 {
			t.Errorf("sample at second %d: got %v, want %v", sample, got, want)
		}
	}
}

func TestCorrectsForEndedPodsThatWereUnknown(t *testing.T) {
	tr := newTracker(time.Hour)
	tr.setProfile("n", &load.Profile{Time: at(100), Window: window}, at(100))
	tr.end("n", "old", cores(1), at(200))
	if got := correctionAt(tr, 190); got != -1 {
		t.Errorf("got %v, want -1", got)
	}
	if got := correctionAt(tr, 230); got != 0 {
		t.Errorf("got %v, want 0", got)
	}
}

func TestUnassignRemovesThePod(t *testing.T) {
	tr := newTracker(time.Hour)
	tr.assign("n", "pod", cores(2), at(100), at(100))
	if got := correctionAt(tr, 90); got != 2 {
		t.Errorf("got %v", got)
	}
	tr.unassign("n", "pod")
	if got := correctionAt(tr, 90); got != 0 {
		t.Errorf("got %v", got)
	}
}

func TestRemovesEndedPodsWithoutSamples(t *testing.T) {
	tr := newTracker(time.Minute)
	for second := range 10_000 {
		pod := types.UID(time.Duration(second).String())
		tr.assign("n", pod, cores(1), at(second), at(second))
		tr.end("n", pod, cores(1), at(second+1))
	}
	if kept := len(tr.nodes.Get("n").assignments); kept > 70 {
		t.Errorf("%d assignments are kept for one minute with one per second", kept)
	}
}

func TestAssignCorrectsTheStart(t *testing.T) {
	tr := newTracker(time.Hour)
	tr.assign("n", "pod", cores(2), at(100), at(100))
	// The kubelet reports a later start.
	tr.assign("n", "pod", cores(2), at(110), at(112))
	if got := correctionAt(tr, 125); math.Abs(got-1) > 1e-9 {
		t.Errorf("got %v, want 1", got)
	}
}
