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

// testLedger has one node, n, and believes samples for so long.
func testLedger(fresh time.Duration) *ledger {
	l := &ledger{source: &load.Store{}, fresh: load.Freshness{For: fresh, Skew: 10 * time.Second}, moved: func(level, level) {}}
	l.sized(node("n", 4), zero)
	return l
}

func cores(cores float64) claim { return claim{request: usage{cores: cores}} }

const window = 30 * time.Second

func missed(l *ledger, sample int) float64 {
	l.sampled("n", &load.Profile{Time: at(sample), Window: window}, at(sample))
	return l.accounts.Get("n").now.Load().missed.requested.cores
}

func TestAPodCountsUntilASampleCoversIt(t *testing.T) {
	l := testLedger(time.Hour)
	l.begin("n", "pod", cores(2), at(100), at(100))
	for sample, want := range map[int]float64{70: 2, 100: 2, 115: 1, 130: 0, 500: 0} {
		fresh := testLedger(time.Hour)
		fresh.begin("n", "pod", cores(2), at(100), at(100))
		if got := missed(fresh, sample); math.Abs(got-want) > 1e-9 {
			t.Errorf("sample of second %d: got %v, want %v", sample, got, want)
		}
	}
}

func TestAPodThatIsGoneIsTakenOffUntilSamplesDoNotShowIt(t *testing.T) {
	for sample, want := range map[int]float64{95: 0, 115: -1, 150: -2, 200: -2, 215: -1, 230: 0} {
		l := testLedger(time.Hour)
		l.begin("n", "pod", cores(2), at(100), at(100))
		l.end("n", "pod", cores(2), at(200))
		if got := missed(l, sample); math.Abs(got-want) > 1e-9 {
			t.Errorf("sample of second %d: got %v, want %v", sample, got, want)
		}
	}
}

func TestAPodThatWasThereForLongIsTakenOffToo(t *testing.T) {
	l := testLedger(time.Hour)
	l.sampled("n", &load.Profile{Time: at(100), Window: window}, at(100))
	l.end("n", "old", cores(1), at(200))
	if got := missed(l, 190); got != -1 {
		t.Errorf("got %v, want -1", got)
	}
	if got := missed(l, 230); got != 0 {
		t.Errorf("got %v, want 0", got)
	}
}

func TestReserveIsTakenBack(t *testing.T) {
	l := testLedger(time.Hour)
	l.begin("n", "pod", cores(2), at(100), at(100))
	if got := missed(l, 90); got != 2 {
		t.Errorf("got %v", got)
	}
	l.drop("n", "pod")
	if got := missed(l, 90); got != 0 {
		t.Errorf("got %v", got)
	}
}

func TestTheLedgerDoesNotGrowWhileSamplesAreMissing(t *testing.T) {
	l := testLedger(time.Minute)
	for second := range 10_000 {
		pod := types.UID(time.Duration(second).String())
		l.begin("n", pod, cores(1), at(second), at(second))
		l.end("n", pod, cores(1), at(second+1))
	}
	if kept := len(l.accounts.Get("n").stays); kept > 70 {
		t.Errorf("%d stays are kept for a minute of one a second", kept)
	}
}

func TestAPodMayBeSeenAgain(t *testing.T) {
	l := testLedger(time.Hour)
	l.begin("n", "pod", cores(2), at(100), at(100))
	// The kubelet says that it started later.
	l.begin("n", "pod", cores(2), at(110), at(112))
	if got := missed(l, 125); math.Abs(got-1) > 1e-9 {
		t.Errorf("got %v, want 1", got)
	}
}
