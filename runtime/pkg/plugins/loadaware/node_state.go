package loadaware

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// nodeState is what the tracker knows about a node. It exists while the Node object exists or pods run on the node.
type nodeState struct {
	mutex sync.Mutex
	// exists reports whether the Node object exists; removed, whether the tracker has dropped this state.
	exists, removed bool
	// sample is the latest usage sample, or nil.
	sample *load.Profile
	// smoothed is the utilization over all samples so far. It is meaningless without a sample.
	smoothed [load.Dimensions]utilization
	// allocatable is in cores.
	allocatable resources
	// coreSpeed is 0 if unknown.
	coreSpeed float64
	// assignments are in chronological order, so that sums are deterministic.
	assignments []assignment
	// snapshot is a copy for readers without the lock. It is never nil.
	snapshot atomic.Pointer[nodeSnapshot]
}

// nodeSnapshot is an immutable view of a node's state.
type nodeSnapshot struct {
	// sampledAt is the time of the latest sample, or zero.
	sampledAt time.Time
	// sampled is the usage in the latest sample; smoothed, the utilization over all samples.
	sampled  load.Vector
	smoothed [load.Dimensions]utilization
	// correction is the usage that the sample lacks: that of pods that started during or after its window, less that of pods
	// that have ended since.
	correction usageEstimate
	// running is the usage of all running pods.
	running usageEstimate
	// coreSpeed is 0 if unknown.
	coreSpeed float64
}

// updateSnapshot computes and publishes a new snapshot.
func (n *nodeState) updateSnapshot() *nodeSnapshot {
	s := &nodeSnapshot{coreSpeed: n.coreSpeed}
	if n.sample != nil {
		s.sampledAt, s.sampled, s.smoothed = n.sample.Time, n.sample.Usage, n.smoothed
		n.removeEndedBefore(n.sample.Time.Add(-n.sample.Window))
	}
	for i := range n.assignments {
		a := &n.assignments[i]
		if a.running() {
			s.running = s.running.plus(a.estimateUsage(), 1)
		}
		switch {
		case n.sample == nil:
		case a.running():
			s.correction = s.correction.plus(a.estimateUsage(), 1-n.overlap(a))
		default:
			s.correction = s.correction.plus(n.sampledUsage(a), -1)
		}
	}
	n.snapshot.Store(s)
	return s
}

// overlap returns the fraction of the sample's window in which a pod was on the node.
func (n *nodeState) overlap(a *assignment) float64 {
	return a.overlap(n.sample.Time.Add(-n.sample.Window), n.sample.Time)
}

// sampledUsage returns the part of the sample that is a pod's usage. Memory is as measured, if it was. CPU is the estimate,
// because CPU samples are smoothed.
func (n *nodeState) sampledUsage(a *assignment) usageEstimate {
	used := usageEstimate{}.plus(a.estimateUsage(), n.overlap(a))
	if measured, found := n.measuredUsage(a.pod); found {
		used.learned.bytes, used.requested.bytes = measured.Bytes, 0
	}
	return used
}

// accountedUsage returns the usage of a running pod that the sample and its correction contain.
func (n *nodeState) accountedUsage(a *assignment) usageEstimate {
	if n.sample == nil {
		return a.estimateUsage()
	}
	return n.sampledUsage(a).plus(a.estimateUsage(), 1-n.overlap(a))
}

// measuredUsage returns the usage of a pod in the sample.
func (n *nodeState) measuredUsage(pod types.UID) (used load.PodUsage, found bool) {
	i := slices.IndexFunc(n.sample.Pods, func(used load.PodUsage) bool { return used.Pod == pod })
	if i < 0 {
		return load.PodUsage{}, false
	}
	return n.sample.Pods[i], true
}

func (n *nodeState) hasRunningPods() bool {
	return slices.ContainsFunc(n.assignments, func(a assignment) bool { return a.running() })
}

// find returns the assignment of a pod, or nil.
func (n *nodeState) find(pod types.UID) *assignment {
	if i := slices.IndexFunc(n.assignments, func(a assignment) bool { return a.pod == pod }); i >= 0 {
		return &n.assignments[i]
	}
	return nil
}

// put adds an assignment, or replaces the one of the same pod.
func (n *nodeState) put(a assignment) *assignment {
	if existing := n.find(a.pod); existing != nil {
		a.learnedFrom = existing.learnedFrom
		*existing = a
		return existing
	}
	n.assignments = append(n.assignments, a)
	return &n.assignments[len(n.assignments)-1]
}

// removeEndedBefore removes the pods that ended before a time. Samples whose windows start later do not contain them.
func (n *nodeState) removeEndedBefore(time time.Time) {
	n.assignments = slices.DeleteFunc(n.assignments, func(a assignment) bool { return !a.running() && a.end.Before(time) })
}

// hasAllocatable reports whether the node exists and has the given allocatable resources.
func (n *nodeState) hasAllocatable(allocatable resources) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.exists && n.allocatable == allocatable
}

// has reports whether the node has an equal assignment.
func (n *nodeState) has(a *assignment) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	existing := n.find(a.pod)
	return existing != nil && existing.podDemand == a.podDemand && existing.start.Equal(a.start) && existing.end.Equal(a.end)
}
