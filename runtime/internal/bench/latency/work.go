package latency

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

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
		meter *meter
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
			r.settled[s.node] -= r.means[s.pod.UID]
			r.machines[s.node].forget(s.meter)
		}
		s.pod, s.node, s.up, s.meter = pod, node, true, r.machines[node].measure(pod.UID)
		r.settled[node] += r.means[pod.UID]
	}
	roll := func(i int, s *service) func(now float64) {
		return func(now float64) {
			pod, controller := r.pod(), true
			pod.OwnerReferences = []metav1.OwnerReference{{Kind: "StatefulSet", Name: fmt.Sprintf("service-%d", i), Controller: &controller}}
			byPod[pod.UID] = s
			r.means[pod.UID] = rate * s.share / total * requestWork
			r.waiting = append(r.waiting, pod)
			r.try(now)
		}
	}
	for i, s := range all {
		first := float64(i) * warmUp / 2 / services
		events.add(first, roll(i, s))
		for t := first + r.random.ExpFloat64()*serviceLife; t < warmUp+measured; t += r.random.ExpFloat64() * serviceLife {
			events.add(t, roll(i, s))
		}
		mean := rate * s.share / total
		r.arrivals(events, func() float64 { return mean * s.m.factor }, s.m.most(), mean, func(now float64) {
			work := r.random.ExpFloat64() * requestWork
			if s.up {
				r.machines[s.node].add(now, work, &piece{arrived: now, meter: s.meter, finished: func(end float64) { r.took(now, end) }})
			}
		})
	}
}
