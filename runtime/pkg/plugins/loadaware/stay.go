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

// stay is one pod's time on a node.
type stay struct {
	pod   types.UID
	load  usage
	start time.Time
	// end is zero while it runs.
	end time.Time
}

// last is when the pod came or, if it is gone, went.
func (s stay) last() time.Time {
	if s.end.IsZero() {
		return s.start
	}
	return s.end
}

// shown is the share of the pod's load that a sample over (from, to] shows.
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
