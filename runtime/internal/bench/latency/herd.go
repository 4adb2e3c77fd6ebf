package latency

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

const (
	herdNodes = 20
	herdPods  = 200
	// Samples froze so many seconds before the burst.
	herdFrozen = 120.0
)

// Herd places a burst of 200 pods on 20 equal nodes whose samples froze two minutes before, each showing another usage,
// which it still has. It returns the nodes' loads, as shares of their processors: what each had before, and what its new
// pods request.
func Herd(ctx context.Context, policy Policy, seed uint64) ([]float64, error) {
	random := rand.New(rand.NewPCG(seed, 1))
	device := []simulation.Device{{Name: "equal", Cores: 16, MemoryGB: 64, Speed: 1}}
	nodes := simulation.Nodes(herdNodes, []string{"edge"}, device)
	c, err := newChooser(ctx, policy, nodes, rand.New(rand.NewPCG(seed, 2)))
	if err != nil {
		return nil, err
	}
	seen := make([]float64, herdNodes)
	for i, node := range nodes {
		seen[i] = 0.1 + 0.2*random.Float64()
		var v load.Vector
		v.Set(load.CPU, seen[i])
		c.store.Put(node.Name, &load.Profile{Usage: v, Time: epoch, Window: samplePeriod * time.Second})
	}
	r := &run{nodes: nodes}
	loads := slices.Clone(seen)
	for i := range herdPods {
		now := herdFrozen + 0.01*float64(i)
		pod := r.pod()
		node, ok := c.place(ctx, pod, now, frozen{seen, loads})
		if !ok {
			return nil, fmt.Errorf("pod %d of %d fits nowhere", i+1, herdPods)
		}
		loads[node] += pod.Spec.Containers[0].Resources.Requests.Cpu().AsApproximateFloat64() / device[0].Cores
	}
	return loads, nil
}

// MostOverMean is how uneven loads are: the busiest node's over the mean.
func MostOverMean(loads []float64) float64 {
	sum := 0.0
	for _, each := range loads {
		sum += each
	}
	return slices.Max(loads) * float64(len(loads)) / sum
}

// frozen is a world whose samples do not change.
type frozen struct{ seen, loads []float64 }

func (f frozen) sampled(node int) float64 { return f.seen[node] }

func (f frozen) promise(_ *corev1.Pod, node int) float64 { return -f.loads[node] }
