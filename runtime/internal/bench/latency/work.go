package latency

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// startJobs schedules the arrivals of jobs, at a rate per second.
func (r *run) startJobs(events *eventQueue, rate float64) {
	type job struct{ arrived, work float64 }
	pending := map[types.UID]job{}
	r.placed = func(pod *corev1.Pod, node int, now float64) {
		j := pending[pod.UID]
		delete(pending, pod.UID)
		r.machines[node].add(now, j.work, &piece{arrived: j.arrived, finished: func(now float64) {
			r.recordLatency(j.arrived, now)
			r.chooser.remove(node, pod, now)
			r.placeWaiting(now)
		}})
	}
	m := newModulation(r.Pattern, r.Requests, r.random)
	events.modulate(m)
	r.addArrivals(events, func() float64 { return rate * m.factor }, m.maxFactor(), rate, func(now float64) {
		pod := r.newPod()
		pending[pod.UID] = job{now, r.random.ExpFloat64() * jobWork}
		r.waiting = append(r.waiting, pod)
		r.placeWaiting(now)
	})
}

// addArrivals schedules arrivals of a Poisson process with a changing rate, by thinning a process with the highest rate.
func (r *run) addArrivals(events *eventQueue, rate func() float64, maxFactor, mean float64, arrive func(now float64)) {
	highest := mean * maxFactor
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

// startServices schedules the rollouts of services and the arrivals of their requests, at a total rate per second.
func (r *run) startServices(events *eventQueue, rate float64) {
	type service struct {
		pod   *corev1.Pod
		node  int
		up    bool
		share float64
		m     *modulation
		meter *meter
	}
	all := make([]*service, serviceCount)
	total := 0.0
	byPod := map[types.UID]*service{}
	for i := range all {
		// The traffic of services differs, with a log-normal distribution. Their requests do not differ.
		all[i] = &service{share: math.Exp(trafficSigma * r.random.NormFloat64()), m: newModulation(r.Pattern, r.Requests, r.random)}
		total += all[i].share
		events.modulate(all[i].m)
	}
	r.placed = func(pod *corev1.Pod, node int, now float64) {
		s := byPod[pod.UID]
		if s.up {
			// The new pod replaces the old one.
			r.chooser.remove(s.node, s.pod, now)
			r.serviceWork[s.node] -= r.meanWork[s.pod.UID]
			r.machines[s.node].stopMeasuring(s.meter)
		}
		s.pod, s.node, s.up, s.meter = pod, node, true, r.machines[node].measure(pod.UID)
		r.serviceWork[node] += r.meanWork[pod.UID]
	}
	roll := func(i int, s *service) func(now float64) {
		return func(now float64) {
			pod, controller := r.newPod(), true
			pod.OwnerReferences = []metav1.OwnerReference{{Kind: "StatefulSet", Name: fmt.Sprintf("service-%d", i), Controller: &controller}}
			byPod[pod.UID] = s
			r.meanWork[pod.UID] = rate * s.share / total * requestWork
			r.waiting = append(r.waiting, pod)
			r.placeWaiting(now)
		}
	}
	for i, s := range all {
		first := float64(i) * warmUp / 2 / serviceCount
		events.add(first, roll(i, s))
		for t := first + r.random.ExpFloat64()*serviceLife; t < warmUp+measured; t += r.random.ExpFloat64() * serviceLife {
			events.add(t, roll(i, s))
		}
		mean := rate * s.share / total
		r.addArrivals(events, func() float64 { return mean * s.m.factor }, s.m.maxFactor(), mean, func(now float64) {
			work := r.random.ExpFloat64() * requestWork
			if s.up {
				r.machines[s.node].add(now, work, &piece{arrived: now, meter: s.meter, finished: func(end float64) { r.recordLatency(now, end) }})
			}
		})
	}
}
