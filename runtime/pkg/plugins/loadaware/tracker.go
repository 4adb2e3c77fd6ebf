package loadaware

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/readmostly"
)

// tracker tracks the latest sample of each node, the pods on it, and the pods that ended so recently that the sample still
// contains them. Events of API objects may arrive in any order; the state of a node is dropped when the node and its pods
// are gone.
type tracker struct {
	source     load.Source
	freshness  load.Freshness
	nodes      readmostly.Map[nodeState]
	headrooms  headrooms
	usageRatio usageRatio
	coreSpeeds coreSpeeds
	workloads  workloads
	// onHeadroomChange is called after each change of a node.
	onHeadroomChange func(before, after headroom)
}

// update changes the state of a node, if the tracker has one. With create, it creates missing states.
func (t *tracker) update(node string, create bool, change func(n *nodeState)) {
	for {
		n := t.nodes.Get(node)
		if n == nil {
			if !create {
				return
			}
			n = t.nodes.GetOrCreate(node, func(n *nodeState) { n.snapshot.Store(&emptySnapshot) })
		}
		if before, after, updated := t.tryUpdate(node, n, change); updated {
			t.onHeadroomChange(before, after)
			return
		}
		// Another goroutine has removed the state in the meantime.
	}
}

// tryUpdate changes a state. It returns false if the state has been removed.
func (t *tracker) tryUpdate(node string, n *nodeState, change func(n *nodeState)) (before, after headroom, updated bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.removed {
		return before, after, false
	}
	change(n)
	if !n.exists && !n.hasRunningPods() {
		n.removed = true
		t.nodes.Delete(node)
		before = t.headrooms.remove(node)
		return before, before, true
	}
	before, after = t.headrooms.set(node, n.updateSnapshot(), n.allocatable.normalized(t.coreSpeed(n)), t.coreSpeed(n))
	return before, after, true
}

// setProfile stores the profile of a node. Samples from the future count as missing.
func (t *tracker) setProfile(node string, profile *load.Profile, now time.Time) {
	t.update(node, false, func(n *nodeState) {
		if !n.exists {
			return
		}
		t.setCoreSpeed(n, profile)
		if profile == nil || profile.Window <= 0 || t.freshness.State(profile.Time, now) == load.Missing {
			n.sample = nil
			return
		}
		if n.precedes(profile) {
			t.learnUsageRatio(n, profile)
		}
		n.smoothed = n.smooth(profile, n.allocatable.cores*t.coreSpeed(n), t.usageRatio.perRequestedCore(t.coreSpeeds.mean()))
		n.sample = profile
		for i := range n.assignments {
			t.learnWorkload(n, &n.assignments[i])
		}
	})
}

func (t *tracker) setCoreSpeed(n *nodeState, profile *load.Profile) {
	speed := 0.0
	if profile != nil {
		speed = profile.Speed
	}
	t.coreSpeeds.replace(n.coreSpeed, speed)
	n.coreSpeed = speed
}

// coreSpeed returns the speed of a node's cores, or the mean of all nodes if it is unknown.
func (t *tracker) coreSpeed(n *nodeState) float64 {
	if n.coreSpeed == 0 {
		return t.coreSpeeds.mean()
	}
	return n.coreSpeed
}

// learnUsageRatio compares the change of CPU usage between two consecutive samples with the change of requests.
func (t *tracker) learnUsageRatio(n *nodeState, sample *load.Profile) {
	now, sampledNow := sample.Usage.Get(load.CPU)
	before, sampledBefore := n.sample.Usage.Get(load.CPU)
	if change := n.expectedChange(sample); sampledNow && sampledBefore {
		used := (now-before)*n.allocatable.cores*t.coreSpeed(n) - change.learned.cores
		t.usageRatio.learn(change.requested.cores, used, t.coreSpeeds.mean())
	}
}

// learnWorkload adds the measured usage of a pod to its workload, once per sample, if the pod ran for the whole window.
func (t *tracker) learnWorkload(n *nodeState, a *assignment) {
	if a.workload == nil || n.sample == nil || a.learnedFrom.Equal(n.sample.Time) || n.overlap(a) < 1 {
		return
	}
	if used, measured := n.measuredUsage(a.pod); measured {
		speed := t.coreSpeed(n)
		a.workload.learn(resources{used.Cores, used.Bytes}.normalized(speed), a.request.normalized(speed), n.sample.Time)
		a.learnedFrom = n.sample.Time
	}
}

// setNode stores the allocatable resources of a node.
func (t *tracker) setNode(node *corev1.Node, now time.Time) {
	allocatable := resources{node.Status.Allocatable.Cpu().AsApproximateFloat64(), node.Status.Allocatable.Memory().AsApproximateFloat64()}
	if n := t.nodes.Get(node.Name); n != nil && n.hasAllocatable(allocatable) {
		return
	}
	added := false
	t.update(node.Name, true, func(n *nodeState) {
		added = !n.exists
		n.exists, n.allocatable = true, allocatable
	})
	if added {
		// The tracker ignores profiles that arrive before their node.
		t.source.Replay(node.Name, func(node string, profile *load.Profile) { t.setProfile(node, profile, now) })
	}
}

// removeNode removes a node that was deleted.
func (t *tracker) removeNode(node string) {
	t.update(node, false, func(n *nodeState) {
		t.setCoreSpeed(n, nil)
		n.exists, n.allocatable, n.sample = false, resources{}, nil
	})
}

// assign adds a running pod to a node, or corrects its start.
func (t *tracker) assign(node string, pod types.UID, demand podDemand, start, now time.Time) {
	a := assignment{pod: pod, podDemand: demand, start: start}
	// Most updates of pods change nothing here.
	if n := t.nodes.Get(node); n != nil && n.has(&a) {
		return
	}
	t.update(node, true, func(n *nodeState) {
		n.removeEndedBefore(now.Add(-t.freshness.MaxAge))
		t.learnWorkload(n, n.put(a))
	})
}

// setStart sets the start of a running pod.
func (t *tracker) setStart(node string, pod types.UID, start time.Time) {
	t.update(node, false, func(n *nodeState) {
		if a := n.find(pod); a != nil && a.running() {
			a.start = start
		}
	})
}

// end ends a pod, which may be one that the tracker did not know.
func (t *tracker) end(node string, pod types.UID, demand podDemand, now time.Time) {
	t.update(node, false, func(n *nodeState) {
		n.removeEndedBefore(now.Add(-t.freshness.MaxAge))
		a := assignment{pod: pod, podDemand: demand}
		if existing := n.find(pod); existing != nil {
			a = *existing
		}
		if a.running() {
			a.end = now
		}
		n.put(a)
	})
}

// unassign removes a pod that never ran on the node.
func (t *tracker) unassign(node string, pod types.UID) {
	t.update(node, false, func(n *nodeState) {
		n.assignments = slices.DeleteFunc(n.assignments, func(a assignment) bool { return a.pod == pod })
	})
}

// unassignFromAll removes a pod whose node is unknown.
func (t *tracker) unassignFromAll(pod types.UID) {
	for _, node := range t.nodes.Keys() {
		if _, running := t.accountedUsage(node, pod); running {
			t.unassign(node, pod)
		}
	}
}

// accountedUsage returns the usage of a pod that the node's sample and its correction contain. It returns false if the pod
// does not run on the node.
func (t *tracker) accountedUsage(node string, pod types.UID) (used usageEstimate, running bool) {
	n := t.nodes.Get(node)
	if n == nil {
		return used, false
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	a := n.find(pod)
	if a == nil || !a.running() {
		return used, false
	}
	return n.accountedUsage(a), true
}
