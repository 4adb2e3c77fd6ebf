package loadaware

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// resources are amounts of CPU and memory. CPU is in cores or in normalized cores, which are cores times their speed.
type resources struct{ cores, bytes float64 }

func (r resources) plus(other resources, factor float64) resources {
	return resources{r.cores + factor*other.cores, r.bytes + factor*other.bytes}
}

// normalized converts cores of a speed to normalized cores.
func (r resources) normalized(speed float64) resources { return resources{r.cores * speed, r.bytes} }

// podDemand is what a pod's usage is estimated from: its requests and the usage of its workload's pods.
type podDemand struct {
	// request is in cores.
	request  resources
	workload *workload
}

func (d podDemand) estimateUsage() usageEstimate { return d.workload.estimateUsage(d.request) }

// usageEstimate is the estimated usage of one or more pods: a part learned from samples of their workloads, in normalized
// cores, and a part taken from requests, in cores.
type usageEstimate struct{ learned, requested resources }

func (e usageEstimate) plus(other usageEstimate, factor float64) usageEstimate {
	return usageEstimate{e.learned.plus(other.learned, factor), e.requested.plus(other.requested, factor)}
}

// total returns the sum of both parts in normalized cores, given what a requested core amounts to.
func (e usageEstimate) total(perRequestedCore float64) resources {
	return e.learned.plus(e.requested.normalized(perRequestedCore), 1)
}

// assignment is the time of a pod on a node.
type assignment struct {
	podDemand
	pod   types.UID
	start time.Time
	// end is zero while the pod runs.
	end time.Time
	// learnedFrom is the time of the sample that the pod's workload last learned from.
	learnedFrom time.Time
}

func (a *assignment) running() bool { return a.end.IsZero() }

// overlap returns the fraction of the interval (from, to] in which the pod was on the node.
func (a *assignment) overlap(from, to time.Time) float64 {
	start, end := a.start, a.end
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
