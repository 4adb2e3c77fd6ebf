package placement

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

var controllers = map[string]func(c *cluster, w *workload) bool{
	"Deployment": syncDeployment, "ReplicaSet": syncReplicaSet, "StatefulSet": syncStatefulSet, "DaemonSet": syncDaemonSet,
	"Job": syncJob, "Pod": syncPod,
}

// applyWorkloads takes over what the objects declare, and removes the pods of workloads that are gone.
func (c *cluster) applyWorkloads() {
	earlier := map[simulationv1.ObjectReference]*workload{}
	for _, w := range c.workloads {
		earlier[w.ref] = w
	}
	declaredRefs := map[simulationv1.ObjectReference]bool{}
	for _, each := range c.input.workloads {
		declaredRefs[each.ref] = true
	}
	var workloads []*workload
	for _, each := range c.input.workloads {
		w := earlier[each.ref]
		delete(earlier, each.ref)
		if w == nil {
			w = &workload{ref: each.ref}
		}
		w.sync, w.steps, w.dirty = controllers[each.ref.Kind], 0, true
		w.managed = slices.ContainsFunc(each.owners, func(owner simulationv1.ObjectReference) bool { return declaredRefs[owner] })
		c.declare(w, each)
		workloads = append(workloads, w)
	}
	for _, w := range c.workloads {
		if earlier[w.ref] != nil {
			for _, each := range slices.Clone(w.pods) {
				c.remove(each, simulationv1.WorkloadDeleted, nil)
			}
		}
	}
	c.workloads = workloads
}

// declare sets the object of a workload, unless the API server would refuse its pods.
func (c *cluster) declare(w *workload, each *declared) {
	before := w.object
	w.object = each.object
	if set, ok := each.object.(*appsv1.StatefulSet); ok {
		c.store.Put(set)
	}
	if set, ok := each.object.(*appsv1.ReplicaSet); ok {
		c.store.Put(set)
	}
	revision := revisionOf(each.object)
	prototype, err := c.prototype(w, revision)
	if err != nil {
		c.findings = append(c.findings, simulationv1.Finding{
			Severity: simulationv1.Error, Code: "RefusedByAPIServer", Object: w.ref.String(), Message: err.Error(),
		})
		if before != nil {
			w.object = before
		}
		return
	}
	set, err := c.setOf(w, revision)
	if err != nil {
		return
	}
	// Admission may have changed since the revision was first used.
	set.prototype = prototype
	w.outdated = w.current != nil && w.current != set
	w.current = set
}
