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

// expect what it will use; factors make usage of requests.
func (c claim) expect(factors usage) (expected usage, guessed bool) {
	return c.workload.expect(c.request.by(factors))
}

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
