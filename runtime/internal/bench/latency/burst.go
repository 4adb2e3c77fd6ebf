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
	// Seconds between the last samples and the burst.
	herdFrozen = 120.0
)

// SimulateBurst places a burst of 200 pods on 20 equal nodes with different loads, whose last samples are two minutes old. It
// returns the loads of the nodes afterwards, as fractions of their CPU: the original load plus the requests of the new pods.
func SimulateBurst(ctx context.Context, policy Policy, seed uint64) ([]float64, error) {
	random := rand.New(rand.NewPCG(seed, 1))
	device := []simulation.Device{{Name: "equal", Cores: 16, MemoryGB: 64, Speed: 1}}
	nodes := simulation.Nodes(herdNodes, []string{"edge"}, device)
	c, err := newChooser(ctx, policy, nodes, rand.New(rand.NewPCG(seed, 2)))
	if err != nil {
		return nil, err
	}
	sampled := make([]float64, herdNodes)
	for i, node := range nodes {
		sampled[i] = 0.1 + 0.2*random.Float64()
		var v load.Vector
		v.Set(load.CPU, sampled[i])
		c.store.Put(node.Name, &load.Profile{Usage: v, Time: epoch, Window: samplePeriod * time.Second})
	}
	r := &run{nodes: nodes}
	loads := slices.Clone(sampled)
	for i := range herdPods {
		now := herdFrozen + 0.01*float64(i)
		pod := r.newPod()
		node, ok := c.place(ctx, pod, now, frozenWorld{sampled, loads})
		if !ok {
			return nil, fmt.Errorf("pod %d of %d: no node fits", i+1, herdPods)
		}
		loads[node] += pod.Spec.Containers[0].Resources.Requests.Cpu().AsApproximateFloat64() / device[0].Cores
	}
	return loads, nil
}

// MaxOverMean returns the highest load over the mean load.
func MaxOverMean(loads []float64) float64 {
	sum := 0.0
	for _, load := range loads {
		sum += load
	}
	return slices.Max(loads) * float64(len(loads)) / sum
}

// frozenWorld is a world whose samples do not change.
type frozenWorld struct{ utilizations, loads []float64 }

func (f frozenWorld) sampled(node int) float64 { return f.utilizations[node] }

func (f frozenWorld) actualQuality(_ *corev1.Pod, node int) float64 { return -f.loads[node] }
