package loadaware

import (
	"time"

	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// scoredDimensions are the dimensions in the score. Disk IO is not included, because the disk usage of pods is not measured.
var scoredDimensions = [...]load.Dimension{load.CPU, load.Memory, load.Network}

// utilization is the used fraction of a dimension. It may exceed 1.
type utilization struct {
	value float64
	known bool
}

// nodeEstimate is the estimated utilization of a node with the pod. It affects scores only; see rejection.
type nodeEstimate struct {
	utilization [load.Dimensions]utilization
	// state and age are those of the node's sample.
	state load.State
	age   time.Duration
}

// estimateNode estimates the utilization of a node with the pod of an attempt. With a fresh sample, it is the smoothed
// utilization plus the correction; otherwise it is computed from requests, and the network is unknown. An overloaded CPU
// shows no more than full utilization, so the estimate is at least the estimated usage of its pods.
func (p *Plugin) estimateNode(info fwk.NodeInfo, a *attempt) (e nodeEstimate) {
	s := p.snapshot(info.Node().Name)
	e.state = p.tracker.freshness.State(s.sampledAt, a.now)
	if e.state != load.Missing {
		e.age = a.now.Sub(s.sampledAt)
	}
	capacity := capacityOf(info, s.coreSpeedOr(a.meanSpeed))
	running := s.running.plus(a.podEstimate, 1).total(a.perRequestedCore)
	if e.state == load.Fresh {
		correction := s.correction.plus(a.podEstimate, 1).total(a.perRequestedCore)
		e.set(load.CPU, s.smoothed[load.CPU], fraction(correction.cores, capacity.cores), fraction(running.cores, capacity.cores))
		e.set(load.Memory, s.smoothed[load.Memory], fraction(correction.bytes, capacity.bytes), 0)
		e.set(load.Network, s.smoothed[load.Network], 0, 0)
	}
	nonZero := info.GetNonZeroRequested()
	requested := resources{float64(nonZero.GetMilliCPU())/1e3 + a.request.cores, float64(nonZero.GetMemory()) + a.request.bytes}.normalized(a.meanSpeed)
	if !e.utilization[load.CPU].known {
		e.utilization[load.CPU] = utilization{fraction(max(requested.cores, running.cores), capacity.cores), true}
	}
	if !e.utilization[load.Memory].known {
		e.utilization[load.Memory] = utilization{fraction(max(requested.bytes, running.bytes), capacity.bytes), true}
	}
	return e
}

// set sets a dimension to a sampled utilization plus a correction, but at least to minimum.
func (e *nodeEstimate) set(d load.Dimension, sampled utilization, correction, minimum float64) {
	if sampled.known {
		e.utilization[d] = utilization{max(minimum, sampled.value+correction), true}
	}
}

// score returns 100 × Σ(weight / (1 + utilization²)) / Σ weight over the known dimensions: 100 for an idle node and 50 for a
// full one. The score falls fastest in between, where additional load increases waiting times most.
func (p *Plugin) score(e *nodeEstimate) float64 {
	var sum, weights float64
	for _, d := range scoredDimensions {
		if e.utilization[d].known {
			sum += p.weights[d] / (1 + e.utilization[d].value*e.utilization[d].value)
			weights += p.weights[d]
		}
	}
	if weights == 0 {
		return 0
	}
	return float64(fwk.MaxNodeScore) * sum / weights
}

var emptySnapshot nodeSnapshot

// snapshot returns the snapshot of a node; an empty one if the tracker does not have the node.
func (p *Plugin) snapshot(node string) *nodeSnapshot {
	if n := p.tracker.nodes.Get(node); n != nil {
		return n.snapshot.Load()
	}
	return &emptySnapshot
}

// coreSpeedOr returns the core speed, or the mean if it is unknown.
func (s *nodeSnapshot) coreSpeedOr(mean float64) float64 {
	if s.coreSpeed == 0 {
		return mean
	}
	return s.coreSpeed
}

// capacityOf returns the allocatable resources of a node, in normalized cores.
func capacityOf(info fwk.NodeInfo, coreSpeed float64) resources {
	allocatable := info.GetAllocatable()
	return resources{float64(allocatable.GetMilliCPU()) / 1e3, float64(allocatable.GetMemory())}.normalized(coreSpeed)
}

// fraction returns part/total, or 2 (overloaded) if total is 0.
func fraction(part, total float64) float64 {
	if total <= 0 {
		return 2
	}
	return part / total
}
