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

// at a speed of the cores, in work and bytes.
func (u usage) at(speed float64) usage { return usage{u.cores * speed, u.bytes} }

// claim is what is known of what a pod will use: its request, and what its workload's pods used.
type claim struct {
	request  usage
	workload *workload
}

func (c claim) expect() expectation { return c.workload.expect(c.request) }

// expectation of what pods use: what is known, in work and bytes, and for the rest what they request, in cores and bytes.
type expectation struct{ known, requested usage }

func (e expectation) plus(other expectation, times float64) expectation {
	return expectation{e.known.plus(other.known, times), e.requested.plus(other.requested, times)}
}

// all of it in work and bytes, where a requested core has a speed.
func (e expectation) all(speed float64) usage { return e.known.plus(e.requested.at(speed), 1) }

// stay is one pod's time on a node.
type stay struct {
	claim
	pod   types.UID
	start time.Time
	// end is zero while it runs.
	end time.Time
	// taught is the time of the sample that its workload last learned from.
	taught time.Time
}

func (s *stay) running() bool { return s.end.IsZero() }

// shown is the share of what the pod uses that a sample over (from, to] shows.
func (s *stay) shown(from, to time.Time) float64 {
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
