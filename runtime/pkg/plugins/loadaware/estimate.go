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

// estimate is how busy a node would be with the pod. It scores and refuses nothing: see refusal.
type estimate struct {
	// busy is by the sample if that is fresh, else by requests, which tell nothing of the network.
	busy  [load.Dimensions]share
	state load.State
	age   time.Duration
}

// estimate of a node with a pod added: what was sampled, corrected by what the sample misses or, without a fresh sample,
// what is requested. A processor that is asked for more than it has shows no more than all of itself in use, so what its
// pods are expected to use stands in where that is more.
func (p *Plugin) estimate(info fwk.NodeInfo, a *attempt) (e estimate) {
	b := p.balance(info.Node().Name)
	e.state = p.ledger.fresh.State(b.sampled, a.now)
	if e.state != load.Missing {
		e.age = a.now.Sub(b.sampled)
	}
	power := powerOf(info, b.speedOr(a.speed))
	expected := b.expected.plus(a.expects, 1).all(a.perCore)
	if e.state == load.Fresh {
		missed := b.missed.plus(a.expects, 1).all(a.perCore)
		e.take(load.CPU, b.used[load.CPU], over(missed.cores, power.cores), over(expected.cores, power.cores))
		e.take(load.Memory, b.used[load.Memory], over(missed.bytes, power.bytes), 0)
		e.take(load.Network, b.used[load.Network], 0, 0)
	}
	requested := info.GetNonZeroRequested()
	promised := usage{float64(requested.GetMilliCPU())/1e3 + a.request.cores, float64(requested.GetMemory()) + a.request.bytes}.at(a.speed)
	// Of a node that is not sampled, nothing better is expected than what was promised.
	if !e.busy[load.CPU].known {
		e.busy[load.CPU] = share{over(max(promised.cores, expected.cores), power.cores), true}
	}
	if !e.busy[load.Memory].known {
		e.busy[load.Memory] = share{over(max(promised.bytes, expected.bytes), power.bytes), true}
	}
	return e
}

// take a sample and what it misses into account.
func (e *estimate) take(d load.Dimension, used share, missed, least float64) {
	if used.known {
		e.busy[d] = share{max(least, used.value+missed), true}
	}
}

// points is the score of an estimate: 100 for an idle node, 50 for a full one, falling fastest between, where a little more
// to do makes all wait longer; the mean over the known dimensions by weight.
func (p *Plugin) points(e *estimate) float64 {
	var sum, weights float64
	for _, d := range scored {
		if e.busy[d].known {
			sum += p.weights[d] / (1 + e.busy[d].value*e.busy[d].value)
			weights += p.weights[d]
		}
	}
	if weights == 0 {
		return 0
	}
	return float64(fwk.MaxNodeScore) * sum / weights
}

var nothing balance

// balance of a node; one that knows nothing for a node that is not known.
func (p *Plugin) balance(node string) *balance {
	if account := p.ledger.accounts.Get(node); account != nil {
		return account.now.Load()
	}
	return &nothing
}

func (b *balance) speedOr(mean float64) float64 {
	if b.speed == 0 {
		return mean
	}
	return b.speed
}

// powerOf a node: the work that it does in a second, and its bytes.
func powerOf(info fwk.NodeInfo, speed float64) usage {
	allocatable := info.GetAllocatable()
	return usage{float64(allocatable.GetMilliCPU()) / 1e3, float64(allocatable.GetMemory())}.at(speed)
}

// over is a share of all; of nothing, more than all is taken.
func over(part, all float64) float64 {
	if all <= 0 {
		return 2
	}
	return part / all
}
