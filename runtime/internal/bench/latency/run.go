package latency

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

// Kind of work.
type Kind string

// The kinds.
const (
	// Jobs are pods that end when their work is done.
	Jobs Kind = "jobs"
	// Services are pods that stay, and serve requests; now and then one is replaced.
	Services Kind = "services"
)

// Scenario is one run.
type Scenario struct {
	Kind    Kind
	Policy  Policy
	Pattern Pattern
	// Load is the work that arrives over what the nodes can do beside their background load, 0 to 1.
	Load float64
	// Delay of samples in seconds; Frozen: none after the one from before the first pod.
	Delay float64
	Seed  uint64
	// Background series of machines' processors in per cent, and the rates of a load balancer.
	Background [][]float64
	Requests   []float64
}

// Frozen as a delay means that samples end before the first pod comes.
const Frozen = -1

// Result of a run: how long pieces of work took, in seconds.
type Result struct {
	Mean, P95, P99 float64
	Count          int
}

const (
	machines     = 20
	samplePeriod = 30.0 // seconds
	warmUp       = 120.0
	measured     = 600.0 // seconds
	jobWork      = 20.0  // seconds of a core of speed 1, in the mean
	requestWork  = 2.0
	services     = 160
	serviceLife  = 400.0 // seconds, in the mean
	unevenness   = 0.7   // standard deviation of the logarithm of services' traffic
	jobRequest   = "250m"
	memory       = "64Mi"
)

type run struct {
	Scenario
	ctx       context.Context
	random    *rand.Rand
	machines  []*machine
	nodes     []*corev1.Node
	chooser   *chooser
	seen      []float64
	count     int
	latencies []float64
	waiting   []*corev1.Pod
	placed    func(pod *corev1.Pod, node int, now float64)
	// means are how much work a second each service's pod gets; settled, how much each machine's services get.
	means   map[types.UID]float64
	settled []float64
}

// Run a scenario. The same scenario gives the same result.
func Run(ctx context.Context, s Scenario) (Result, error) {
	// What happens is drawn apart from what the policy draws: all policies meet the same arrivals.
	r := &run{Scenario: s, ctx: ctx, random: rand.New(rand.NewPCG(s.Seed, 1)), seen: make([]float64, machines),
		means: map[types.UID]float64{}, settled: make([]float64, machines)}
	devices := slices.Clone(simulation.Devices)
	r.nodes = simulation.Nodes(machines, []string{"edge"}, devices)
	capacity := 0.0
	offsets := make([]int, machines)
	series := make([][]float64, machines)
	for i := range machines {
		device := devices[i%len(devices)]
		series[i] = s.Background[r.random.IntN(len(s.Background))]
		offsets[i] = r.random.IntN(len(series[i]))
		m := &machine{cores: device.Cores, speed: device.Speed}
		m.background = series[i][offsets[i]] / 100
		r.machines = append(r.machines, m)
		capacity += m.cores * m.speed * (1 - m.background)
	}
	var err error
	if r.chooser, err = newChooser(ctx, s.Policy, r.nodes, rand.New(rand.NewPCG(s.Seed, 2))); err != nil {
		return Result{}, err
	}
	for i, m := range r.machines {
		// The machines were up, and sampled, before any pod came.
		r.tell(i, 0, m.background, nil)
	}
	events := &agenda{}
	sample := func(now float64) {
		usage, pods := make([]float64, machines), make([][]load.PodUsage, machines)
		for i, m := range r.machines {
			usage[i], pods[i] = m.sample(now)
		}
		publish := func(at float64) {
			r.chooser.clock.SetTime(moment(at))
			for i := range usage {
				r.tell(i, now, usage[i], pods[i])
			}
		}
		switch {
		case s.Delay == Frozen:
		case s.Delay <= 0:
			publish(now)
		default:
			events.add(now+s.Delay, publish)
		}
	}
	for t := samplePeriod; t < warmUp+measured; t += samplePeriod {
		events.add(t, sample)
	}
	// A recorded step of background is five minutes, as it was recorded.
	for i := range machines {
		for t := 300.0 * r.random.Float64(); t < warmUp+measured; t += 300 {
			events.add(t, func(now float64) {
				offsets[i] = (offsets[i] + 1) % len(series[i])
				r.machines[i].advance(now)
				r.machines[i].background = series[i][offsets[i]] / 100
			})
		}
	}
	if s.Kind == Jobs {
		r.jobs(events, capacity*s.Load/jobWork)
	} else {
		r.services(events, capacity*s.Load/requestWork)
	}
	r.follow(events)
	return r.result(), nil
}

// follow goes on from event to event until nothing is left that counts.
func (r *run) follow(events *agenda) {
	for {
		next, which := events.next(), -1
		for i, m := range r.machines {
			if at := m.next(); at < next {
				next, which = at, i
			}
		}
		if math.IsInf(next, 1) || next > 4*(warmUp+measured) {
			return
		}
		if which >= 0 {
			r.machines[which].finish(next)
		} else {
			events.pop()(next)
		}
	}
}

func (r *run) pod() *corev1.Pod {
	r.count++
	name := fmt.Sprintf("pod-%06d", r.count)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "simulated", UID: types.UID(name)},
		Spec: corev1.PodSpec{SchedulerName: "simulated", Containers: []corev1.Container{{
			Name: "main", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse(jobRequest), corev1.ResourceMemory: resource.MustParse(memory),
			}},
		}}},
	}
}

// try to place what waits, in order; only a static rotation lets the later go before the earlier, to another node.
func (r *run) try(now float64) {
	full := map[int]bool{}
	for i := 0; i < len(r.waiting); {
		pod := r.waiting[i]
		if turn, waits := r.chooser.turns[pod.UID]; waits && full[turn] {
			i++
			continue
		}
		node, ok := r.chooser.place(r.ctx, pod, now, r)
		switch {
		case ok:
			r.waiting = slices.Delete(r.waiting, i, i+1)
			r.placed(pod, node, now)
		case r.Policy == RoundRobin:
			full[r.chooser.turns[pod.UID]] = true
		default:
			return
		}
	}
}

// tell the policy of a sample of a machine, as far as it may know of it.
func (r *run) tell(machine int, sampled, usage float64, pods []load.PodUsage) {
	r.seen[machine] = usage
	profile := &load.Profile{
		Speed: r.machines[machine].speed, Time: moment(sampled), Window: samplePeriod * time.Second, Pods: pods,
	}
	profile.Usage.Set(load.CPU, usage)
	switch r.Policy {
	case NoSpeed:
		profile.Speed = 0
	case NoWorkloads:
		profile.Pods = nil
	}
	r.chooser.store.Put(r.nodes[machine].Name, profile)
}

func (r *run) sampled(node int) float64 { return r.seen[node] }

// promise of a job is how fast it would run at first; of a service, how much of the node would be free with it, were all
// of its services to have their mean traffic.
func (r *run) promise(pod *corev1.Pod, node int) float64 {
	m := r.machines[node]
	free := m.cores * (1 - m.background)
	if r.Kind == Jobs {
		return m.speed * min(1, free/float64(len(m.work)+1))
	}
	return 1 - (r.settled[node]+r.means[pod.UID])/(m.speed*free)
}

func (r *run) took(arrived, now float64) {
	if arrived >= warmUp && arrived < warmUp+measured {
		r.latencies = append(r.latencies, now-arrived)
	}
}

func (r *run) result() Result {
	if len(r.latencies) == 0 {
		return Result{}
	}
	slices.Sort(r.latencies)
	sum := 0.0
	for _, l := range r.latencies {
		sum += l
	}
	at := func(share float64) float64 { return r.latencies[int(share*float64(len(r.latencies)-1))] }
	return Result{Mean: sum / float64(len(r.latencies)), P95: at(0.95), P99: at(0.99), Count: len(r.latencies)}
}
