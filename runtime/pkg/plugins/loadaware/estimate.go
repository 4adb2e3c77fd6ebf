package loadaware

import (
	"time"

	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// scored dimensions. Of disks, nobody measures how much a pod takes.
var scored = [...]load.Dimension{load.CPU, load.Memory, load.Network}

// share is how much of a dimension is in use, 0 and above.
type share struct {
	value float64
	known bool
}

// estimate is how busy a node would be with the pod.
type estimate struct {
	// busy is what is reckoned with. Of the network, nothing is known without samples.
	busy [load.Dimensions]share
	// measured is the same by samples alone.
	measured [load.Dimensions]share
	trust    float64
	state    load.State
	age      time.Duration
}

// estimate of a node with a pod added: what was sampled, corrected by what the sample misses, as far as it is trusted;
// and what is requested, as far as it is not. A processor that is asked for more than it has shows no more than all of
// itself in use, so what its pods are expected to use stands in where that is more.
func (p *Plugin) estimate(info fwk.NodeInfo, a *attempt) (e estimate) {
	b := p.balance(info.Node().Name)
	e.trust, e.state = p.belief.Trust(b.sampled, a.now)
	allocatable, requested := info.GetAllocatable(), info.GetNonZeroRequested()
	speed := b.speed
	if speed == 0 {
		speed = a.speed
	}
	work, bytes := float64(allocatable.GetMilliCPU())/1e3*speed, float64(allocatable.GetMemory())
	promised := usage{float64(requested.GetMilliCPU())/1e3 + a.request.cores, float64(requested.GetMemory()) + a.request.bytes}.by(usage{a.speed, 1})
	expected := b.expected.all(a.habit).plus(a.expected, 1)
	// Of an unknown node, nothing better is believed than what was promised.
	e.busy[load.CPU] = share{over(max(promised.cores, expected.cores), work), true}
	e.busy[load.Memory] = share{over(max(promised.bytes, expected.bytes), bytes), true}
	if e.state != load.Missing {
		e.age = a.now.Sub(b.sampled)
	}
	if e.trust == 0 {
		return e
	}
	missed := b.missed.all(a.habit).plus(a.expected, 1)
	e.take(load.CPU, b.used[load.CPU], over(missed.cores, work), over(expected.cores, work))
	e.take(load.Memory, b.used[load.Memory], over(missed.bytes, bytes), 0)
	e.take(load.Network, b.used[load.Network], 0, 0)
	return e
}

// take a sample and what it misses into account.
func (e *estimate) take(d load.Dimension, used share, missed, least float64) {
	if !used.known {
		return
	}
	measured := max(least, used.value+missed)
	e.measured[d] = share{measured, true}
	if e.busy[d].known {
		measured = e.trust*measured + (1-e.trust)*e.busy[d].value
	}
	e.busy[d] = share{measured, true}
}

// points is the score of an estimate: 100 for an idle node, 50 for a full one, falling fastest between, where a little more
// to do makes all wait longer; the mean over the known dimensions by weight. The network's weight shrinks with the trust, for
// requests do not tell of it.
func (p *Plugin) points(e *estimate) float64 {
	var sum, weights float64
	for _, d := range scored {
		if !e.busy[d].known {
			continue
		}
		weight := p.weights[d]
		if d == load.Network {
			weight *= e.trust
		}
		sum += weight / (1 + e.busy[d].value*e.busy[d].value)
		weights += weight
	}
	if weights == 0 {
		return 0
	}
	return float64(fwk.MaxNodeScore) * sum / weights
}

var nothing balance

// balance of a node; one that knows nothing for a node that nobody has heard of.
func (p *Plugin) balance(node string) *balance {
	if account := p.ledger.accounts.Get(node); account != nil {
		if b := account.now.Load(); b != nil {
			return b
		}
	}
	return &nothing
}

// over is a share of all; of nothing, more than all is taken.
func over(part, all float64) float64 {
	if all <= 0 {
		return 2
	}
	return part / all
}
