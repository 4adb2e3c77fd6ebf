package loadaware

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// usage of cores and bytes.
type usage struct{ cores, bytes float64 }

func (u usage) plus(other usage, times float64) usage {
	return usage{u.cores + times*other.cores, u.bytes + times*other.bytes}
}

// by multiplies each part.
func (u usage) by(other usage) usage { return usage{u.cores * other.cores, u.bytes * other.bytes} }

// claim is what is known of what a pod will use: its request, and what its workload's pods used.
type claim struct {
	request  usage
	workload *workload
}

func (c claim) expect() expectation { return c.workload.expect(c.request) }

// expectation of what pods use: what is known in work and bytes, and for the rest what they request, which their habit
// makes usage of.
type expectation struct{ known, requested usage }

func (e expectation) plus(other expectation, times float64) expectation {
	return expectation{e.known.plus(other.known, times), e.requested.plus(other.requested, times)}
}

// all of it in work and bytes.
func (e expectation) all(habit usage) usage { return e.known.plus(e.requested.by(habit), 1) }

// stay is one pod's time on a node.
type stay struct {
	claim
	pod   types.UID
	start time.Time
	// end is zero while it runs.
	end time.Time
}

// shown is the share of what the pod uses that a sample over (from, to] shows.
func (s stay) shown(from, to time.Time) float64 {
	start, end := s.start, s.end
	if start.Before(from) {
		start = from
	}
	if end.IsZero() || end.After(to) {
		end = to
	}
	if !end.After(start) {
		return 0
	}
	return float64(end.Sub(start)) / float64(to.Sub(from))
}
