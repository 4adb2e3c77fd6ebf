package placement

import (
	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// syncJob runs as many pods as a Job runs at once. None of them ends. A Job's template cannot change: a new one replaces
// the Job.
func syncJob(c *cluster, w *workload) bool {
	if w.current == nil {
		return false
	}
	changed := false
	active := 0
	for _, each := range append([]*pod(nil), w.pods...) {
		switch {
		case each.terminating:
		case each.set != w.current:
			c.remove(each, simulationv1.Replaced, nil)
			changed = true
		default:
			active++
		}
	}
	for range w.desired() - active {
		c.create(w, w.current, c.number(w.current), nil)
		changed = true
	}
	return changed
}

// syncPod creates a pod that no controller owns, and recreates it if it changed. Nothing replaces one that was evicted.
func syncPod(c *cluster, w *workload) bool {
	if w.current == nil || w.steps > 0 && len(w.pods) == 0 && !w.outdated {
		return false
	}
	for _, each := range w.pods {
		if each.set == w.current {
			return false
		}
		c.remove(each, simulationv1.Replaced, nil)
		return true
	}
	w.outdated = false
	c.create(w, w.current, "", nil)
	return true
}

// runCronJobs schedules the pods of each CronJob's next run, reports them, and removes them again: they take no room
// from pods that stay.
func (c *cluster) runCronJobs() []simulationv1.Pod {
	var reported []simulationv1.Pod
	for _, w := range c.workloads {
		if w.ref.Kind != "CronJob" || w.current == nil {
			continue
		}
		c.try(func() {
			for range w.desired() {
				c.create(w, w.current, c.number(w.current), func(p *pod) { p.origin = simulationv1.WouldRun })
			}
			c.settle()
			for _, each := range w.pods {
				reported = append(reported, c.reportPod(each))
			}
		})
	}
	return reported
}
