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

// Kind is a kind of work.
type Kind string

const (
	// Jobs are pods that end when their work is done.
	Jobs Kind = "jobs"
	// Services are long-running pods that serve requests and are replaced from time to time.
	Services Kind = "services"
)

// Scenario describes one run.
type Scenario struct {
	Kind    Kind
	Policy  Policy
	Pattern Pattern
	// Load is the arriving work as a fraction of the capacity that background load leaves, from 0 to 1.
	Load float64
	// Delay is the delay of samples in seconds, or Frozen.
	Delay float64
	Seed  uint64
	// Background are series of machines' CPU utilization in percent.
	Background [][]float64
	// Requests are the rates of a load balancer.
	Requests []float64
}

// Frozen is the Delay with which no samples arrive after the first pod.
const Frozen = -1

// Result contains the response times of a run in seconds.
type Result struct {
	Mean, P95, P99 float64
	Count          int
}

const (
	machines     = 20
	samplePeriod = 30.0 // seconds
	warmUp       = 120.0
	measured     = 600.0 // seconds
	jobWork      = 20.0  // mean, in seconds of a core of speed 1
	requestWork  = 2.0
	serviceCount = 160
	serviceLife  = 400.0 // mean, in seconds
	trafficSigma = 0.7   // standard deviation of the logarithm of services' traffic
	jobRequest   = "250m"
	memory       = "64Mi"
)

type run struct {
	Scenario
	ctx      context.Context
	random   *rand.Rand
	machines []*machine
	nodes    []*corev1.Node
	chooser  *chooser
	// lastSampled is the utilization in the last published sample of each machine.
	lastSampled []float64
	count       int
	latencies   []float64
	waiting     []*corev1.Pod
	placed      func(pod *corev1.Pod, node int, now float64)
	// meanWork is the mean work per second of each service's pod, and serviceWork that of all services on each machine.
	meanWork    map[types.UID]float64
	serviceWork []float64
}

// Run runs a scenario. It is deterministic.
func Run(ctx context.Context, s Scenario) (Result, error) {
	// The policy has its own random generator, so that all policies have the same arrivals.
	r := &run{Scenario: s, ctx: ctx, random: rand.New(rand.NewPCG(s.Seed, 1)), lastSampled: make([]float64, machines),
		meanWork: map[types.UID]float64{}, serviceWork: make([]float64, machines)}
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
		// Machines are sampled once before the first pod.
		r.publish(i, 0, m.background, nil)
	}
	events := &eventQueue{}
	sample := func(now float64) {
		usage, pods := make([]float64, machines), make([][]load.PodUsage, machines)
		for i, m := range r.machines {
			usage[i], pods[i] = m.sample(now)
		}
		publishAll := func(at float64) {
			r.chooser.clock.SetTime(timeAt(at))
			for i := range usage {
				r.publish(i, now, usage[i], pods[i])
			}
		}
		switch {
		case s.Delay == Frozen:
		case s.Delay <= 0:
			publishAll(now)
		default:
			events.add(now+s.Delay, publishAll)
		}
	}
	for t := samplePeriod; t < warmUp+measured; t += samplePeriod {
		events.add(t, sample)
	}
	// A step of the recorded background load takes five minutes, as in the recording.
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
		r.startJobs(events, capacity*s.Load/jobWork)
	} else {
		r.startServices(events, capacity*s.Load/requestWork)
	}
	r.processEvents(events)
	return r.result(), nil
}

// processEvents processes all events until none are left.
func (r *run) processEvents(events *eventQueue) {
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

func (r *run) newPod() *corev1.Pod {
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

// placeWaiting places the waiting pods in order. With RoundRobin only, a pod may overtake others that wait for another node.
func (r *run) placeWaiting(now float64) {
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

// publish publishes a sample of a machine, without the parts that the policy must not use.
func (r *run) publish(machine int, sampled, usage float64, pods []load.PodUsage) {
	r.lastSampled[machine] = usage
	profile := &load.Profile{
		Speed: r.machines[machine].speed, Time: timeAt(sampled), Window: samplePeriod * time.Second, Pods: pods,
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

func (r *run) sampled(node int) float64 { return r.lastSampled[node] }

// actualQuality returns, for a job, its initial speed on the node; for a service, the fraction of the node that would be free if
// all of the node's services had their mean traffic.
func (r *run) actualQuality(pod *corev1.Pod, node int) float64 {
	m := r.machines[node]
	free := m.cores * (1 - m.background)
	if r.Kind == Jobs {
		return m.speed * min(1, free/float64(len(m.work)+1))
	}
	return 1 - (r.serviceWork[node]+r.meanWork[pod.UID])/(m.speed*free)
}

// recordLatency records the response time of work that arrived during the measurement.
func (r *run) recordLatency(arrived, now float64) {
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
	percentile := func(fraction float64) float64 { return r.latencies[int(fraction*float64(len(r.latencies)-1))] }
	return Result{Mean: sum / float64(len(r.latencies)), P95: percentile(0.95), P99: percentile(0.99), Count: len(r.latencies)}
}
