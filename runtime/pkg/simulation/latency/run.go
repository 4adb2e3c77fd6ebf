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
	// Delay of samples in seconds; Frozen: none after the first.
	Delay float64
	Seed  uint64
	// Background series of machines' processors in per cent, and the rates of a load balancer.
	Background [][]float64
	Requests   []float64
}

// Frozen as a delay means that samples end with the first.
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
	known     bool
	count     int
	latencies []float64
	waiting   []*corev1.Pod
	placed    func(pod *corev1.Pod, node int, now float64)
}

// Run a scenario. The same scenario gives the same result.
func Run(ctx context.Context, s Scenario) (Result, error) {
	// What happens is drawn apart from what the policy draws: all policies meet the same arrivals.
	r := &run{Scenario: s, ctx: ctx, random: rand.New(rand.NewPCG(s.Seed, 1)), seen: make([]float64, machines)}
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
	events := &agenda{}
	sample := func(now float64) {
		usage := make([]float64, machines)
		for i, m := range r.machines {
			m.advance(now)
			usage[i], m.used = m.used/m.cores/samplePeriod, 0
		}
		publish := func(at float64) {
			r.known = true
			for i := range usage {
				r.seen[i] = usage[i]
				var v load.Vector
				v.Set(load.CPU, usage[i])
				r.chooser.clock.SetTime(moment(at))
				r.chooser.store.Put(r.nodes[i].Name, &load.Profile{Usage: v, Time: moment(now), Window: samplePeriod * time.Second})
			}
		}
		switch {
		case s.Delay == Frozen && now > samplePeriod:
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

// try to place what waits, in order.
func (r *run) try(now float64) {
	for len(r.waiting) > 0 {
		pod := r.waiting[0]
		node, ok := r.chooser.place(r.ctx, pod, now, func(i int) (float64, bool) { return r.seen[i], r.known })
		if !ok {
			return
		}
		r.waiting = r.waiting[1:]
		r.chooser.note(node, pod, now)
		r.placed(pod, node, now)
	}
}

func (r *run) took(arrived, now float64) {
	if arrived >= warmUp && arrived < warmUp+measured {
		r.latencies = append(r.latencies, now-arrived)
	}
}

func (r *run) jobs(events *agenda, rate float64) {
	type job struct{ arrived, work float64 }
	open := map[types.UID]job{}
	r.placed = func(pod *corev1.Pod, node int, now float64) {
		j := open[pod.UID]
		delete(open, pod.UID)
		r.machines[node].add(now, j.work, &piece{arrived: j.arrived, finished: func(now float64) {
			r.took(j.arrived, now)
			r.chooser.end(node, pod, now)
			r.try(now)
		}})
	}
	m := newModulation(r.Pattern, r.Requests, r.random)
	events.modulate(m)
	r.arrivals(events, func() float64 { return rate * m.factor }, m.most(), rate, func(now float64) {
		pod := r.pod()
		open[pod.UID] = job{now, r.random.ExpFloat64() * jobWork}
		r.waiting = append(r.waiting, pod)
		r.try(now)
	})
}

// arrivals of a rate that changes: drawn at the highest, and let through in proportion.
func (r *run) arrivals(events *agenda, rate func() float64, most, mean float64, arrive func(now float64)) {
	highest := mean * most
	var next func(now float64)
	next = func(now float64) {
		if r.random.Float64() < rate()/highest {
			arrive(now)
		}
		if after := now + r.random.ExpFloat64()/highest; after < warmUp+measured {
			events.add(after, next)
		}
	}
	events.add(r.random.ExpFloat64()/highest, next)
}

func (r *run) services(events *agenda, rate float64) {
	type service struct {
		pod   *corev1.Pod
		node  int
		up    bool
		share float64
		m     *modulation
	}
	all := make([]*service, services)
	total := 0.0
	byPod := map[types.UID]*service{}
	for i := range all {
		// Services differ in how much they have to do, their requests do not: log-normal, as traffic of services is.
		all[i] = &service{share: math.Exp(unevenness * r.random.NormFloat64()), m: newModulation(r.Pattern, r.Requests, r.random)}
		total += all[i].share
		events.modulate(all[i].m)
	}
	r.placed = func(pod *corev1.Pod, node int, now float64) {
		s := byPod[pod.UID]
		if s.up {
			// The one before goes when this one is there.
			r.chooser.end(s.node, s.pod, now)
		}
		s.pod, s.node, s.up = pod, node, true
	}
	roll := func(s *service) func(now float64) {
		return func(now float64) {
			pod := r.pod()
			byPod[pod.UID] = s
			r.waiting = append(r.waiting, pod)
			r.try(now)
		}
	}
	for i, s := range all {
		first := float64(i) * warmUp / 2 / services
		events.add(first, roll(s))
		for t := first + r.random.ExpFloat64()*serviceLife; t < warmUp+measured; t += r.random.ExpFloat64() * serviceLife {
			events.add(t, roll(s))
		}
		mean := rate * s.share / total
		r.arrivals(events, func() float64 { return mean * s.m.factor }, s.m.most(), mean, func(now float64) {
			work := r.random.ExpFloat64() * requestWork
			if s.up {
				r.machines[s.node].add(now, work, &piece{arrived: now, finished: func(end float64) { r.took(now, end) }})
			}
		})
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
