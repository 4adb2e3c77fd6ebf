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
// and what is requested, as far as it is not.
func (p *Plugin) estimate(info fwk.NodeInfo, a *attempt) (e estimate) {
	b := p.balance(info.Node().Name)
	e.trust, e.state = p.belief.Trust(b.sampled, a.now)
	allocatable, requested := info.GetAllocatable(), info.GetNonZeroRequested()
	cores, bytes := float64(allocatable.GetMilliCPU())/1e3, float64(allocatable.GetMemory())
	e.busy[load.CPU] = share{over(float64(requested.GetMilliCPU())/1e3+a.load.cores, cores), true}
	e.busy[load.Memory] = share{over(float64(requested.GetMemory())+a.load.bytes, bytes), true}
	if e.trust == 0 {
		return e
	}
	e.age = a.now.Sub(b.sampled)
	e.take(load.CPU, b.used[load.CPU], over(b.missed.cores+a.load.cores, cores))
	e.take(load.Memory, b.used[load.Memory], over(b.missed.bytes+a.load.bytes, bytes))
	e.take(load.Network, b.used[load.Network], 0)
	return e
}

// take a sample and what it misses into account.
func (e *estimate) take(d load.Dimension, used share, missed float64) {
	if !used.known {
		return
	}
	measured := max(0, used.value+missed)
	e.measured[d] = share{measured, true}
	if e.busy[d].known {
		measured = e.trust*measured + (1-e.trust)*e.busy[d].value
	}
	e.busy[d] = share{measured, true}
}

// points is the score of an estimate: 100 for an idle node, 0 for a full one; the mean over the known dimensions by
// weight. The network's weight shrinks with the trust, for requests do not tell of it.
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
		sum += weight * min(1, e.busy[d].value)
		weights += weight
	}
	if weights == 0 {
		return 0
	}
	return float64(fwk.MaxNodeScore) * (1 - sum/weights)
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
