package placement

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// apply changes the cluster to what a state declares. Pods that run stay unless the change removes them here; run lets
// the controllers and schedulers follow.
func (c *cluster) apply(in *input, configs []string) error {
	before := c.input
	if before == nil {
		before = &input{}
	}
	c.input, c.removed = in, nil
	c.findings = slices.Clone(in.findings)
	for _, each := range c.pods {
		each.origin = simulationv1.Kept
	}
	c.applyObjects(before.stored)
	if err := c.applyConfigurations(configs); err != nil {
		return err
	}
	c.applyNodes(before.nodes)
	c.applyProfiles(before)
	c.applyWorkloads()
	for _, each := range in.running {
		c.adopt(each)
	}
	c.queue.freed++
	return nil
}

// applyObjects stores the objects that schedulers read. Volumes and claims that exist keep what they are bound to.
func (c *cluster) applyObjects(before []runtime.Object) {
	keep := map[string]bool{}
	for _, object := range c.input.stored {
		keep[identity(object)] = true
		switch object.(type) {
		case *corev1.PersistentVolume, *corev1.PersistentVolumeClaim:
			if c.store.Exists(object) {
				continue
			}
		}
		if volume, ok := object.(*corev1.PersistentVolume); ok && volume.Spec.ClaimRef == nil {
			volume.Status.Phase = corev1.VolumeAvailable
		}
		c.store.Put(object)
	}
	for _, object := range before {
		if !keep[identity(object)] {
			c.store.Delete(object)
		}
	}
	for _, claim := range store.List[*corev1.PersistentVolumeClaim](c.store) {
		c.store.BindImmediately(claim)
	}
}

func identity(object runtime.Object) string {
	accessor := object.(metav1.Object)
	return fmt.Sprintf("%T %s/%s", object, accessor.GetNamespace(), accessor.GetName())
}

// applyConfigurations starts the schedulers anew if their configurations changed.
func (c *cluster) applyConfigurations(configs []string) error {
	if c.schedulers != nil && slices.Equal(configs, c.configs) {
		return c.refreshLinks()
	}
	if c.end != nil {
		c.end()
	}
	c.store.Detach()
	c.links, c.profiles = &linkSource{}, &load.Store{}
	ctx, end := context.WithCancel(c.ctx)
	c.end, c.configs, c.schedulers = end, configs, map[string]*scheduling.Scheduler{}
	for i, config := range c.input.configs {
		made, err := scheduling.New(ctx, scheduling.Options{Store: c.store, Config: config, Environment: c.environment(), Seed: c.options.Seed})
		if err != nil {
			return fmt.Errorf("schedulerConfigurations[%d]: %w", i, err)
		}
		for _, name := range made.Names() {
			c.schedulers[name] = made
		}
	}
	return nil
}

// refreshLinks reads the file of round trips again: the scheduler follows it without a restart.
func (c *cluster) refreshLinks() error {
	if c.links.file == "" {
		return nil
	}
	matrix, err := c.input.linksOf(c.links.file)
	if err != nil {
		return err
	}
	c.links.set(matrix)
	return nil
}

func (c *cluster) applyNodes(before []*corev1.Node) {
	earlier := map[string]*corev1.Node{}
	for _, node := range before {
		earlier[node.Name] = node
	}
	onNode := map[string][]*pod{}
	for _, each := range c.sortedPods() {
		onNode[each.node()] = append(onNode[each.node()], each)
	}
	changed := len(before) != len(c.input.nodes)
	for _, node := range c.input.nodes {
		old := earlier[node.Name]
		delete(earlier, node.Name)
		if old != nil && sameNode(old, node) {
			continue
		}
		changed = true
		c.store.Put(node)
		for _, each := range onNode[node.Name] {
			if seconds, tolerated := tolerates(each.object, node.Spec.Taints); !tolerated || seconds != nil {
				c.remove(each, simulationv1.Evicted, nil)
			}
		}
	}
	for _, node := range before {
		if earlier[node.Name] != nil {
			for _, each := range onNode[node.Name] {
				c.remove(each, simulationv1.NodeRemoved, nil)
			}
			c.store.Delete(node)
		}
	}
	if changed {
		for _, w := range c.workloads {
			w.eligible = nil
		}
	}
}

func sameNode(one, other *corev1.Node) bool {
	return apiequality.Semantic.DeepEqual(one.Labels, other.Labels) && apiequality.Semantic.DeepEqual(one.Annotations, other.Annotations) &&
		apiequality.Semantic.DeepEqual(one.Spec, other.Spec) && apiequality.Semantic.DeepEqual(one.Status, other.Status)
}

func (c *cluster) applyProfiles(before *input) {
	gone := map[string]bool{}
	for _, profile := range before.profiles {
		gone[profile.Name] = true
	}
	for _, profile := range c.input.profiles {
		delete(gone, profile.Name)
		c.profiles.Put(profile.Name, load.FromObject(profile, c.clock.Now()))
	}
	for _, profile := range before.profiles {
		if gone[profile.Name] {
			c.profiles.Put(profile.Name, nil)
		}
	}
}

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

// adopt takes over a pod of a snapshot.
func (c *cluster) adopt(object *corev1.Pod) {
	name := nameOf("Pod", object)
	if !slices.ContainsFunc(c.input.nodes, func(node *corev1.Node) bool { return node.Name == object.Spec.NodeName }) {
		c.findings = append(c.findings, simulationv1.Finding{
			Severity: simulationv1.Error, Code: "PodOnUnknownNode", Object: name,
			Message: fmt.Sprintf("runs on node %q, which is not in nodes: it is left out", object.Spec.NodeName),
		})
		return
	}
	if object.Spec.Priority == nil {
		object.Spec.Priority = ptr.To(int32(0))
	}
	// Preemption compares start times. Those of a snapshot are whole seconds, which would leave ties to chance.
	started := c.clock.Now()
	if object.Status.StartTime != nil {
		started = object.Status.StartTime.Time
	}
	unique := metav1.NewTime(started.Add(time.Duration(c.sequence)))
	object.Status.StartTime = &unique
	p := &pod{object: object, origin: simulationv1.Kept}
	if p.owner = c.ownerOf(object); p.owner != nil {
		p.set = c.setFor(p.owner, object)
		p.revision = p.set.revision
		p.set.wanted++
		p.set.next = max(p.set.next, p.set.wanted)
		p.ordinal = ordinalOf(object.Name)
		p.target = object.Spec.NodeName
		p.owner.steps = 1
		p.owner.scaledTo = p.owner.desired()
	} else {
		c.findings = append(c.findings, simulationv1.Finding{
			Severity: simulationv1.Warning, Code: "PodWithoutWorkload", Object: name, Message: "belongs to no workload in objects: it stays, and nothing replaces it",
		})
	}
	if _, exists := c.pods[p.key()]; exists {
		return
	}
	c.add(p)
}

// ownerOf returns the workload that a running pod belongs to; nil if it is not declared.
func (c *cluster) ownerOf(object *corev1.Pod) *workload {
	owner := metav1.GetControllerOf(object)
	ref := simulationv1.ObjectReference{Kind: "Pod", Namespace: object.Namespace, Name: object.Name}
	if owner != nil {
		ref.Kind, ref.Name = owner.Kind, owner.Name
	}
	for _, w := range c.workloads {
		if w.ref == ref && !w.managed && w.current != nil {
			return w
		}
	}
	hash := object.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	if name, cut := strings.CutSuffix(ref.Name, "-"+hash); cut && ref.Kind == "ReplicaSet" {
		ref.Kind, ref.Name = "Deployment", name
		for _, w := range c.workloads {
			if w.ref == ref && w.current != nil {
				return w
			}
		}
	}
	return nil
}

// setFor returns the set of a running pod: the current one, unless the snapshot has the pod's ReplicaSet and its template
// is another.
func (c *cluster) setFor(w *workload, object *corev1.Pod) *replicaSet {
	deployment, ok := w.object.(*appsv1.Deployment)
	hash := object.Labels[appsv1.DefaultDeploymentUniqueLabelKey]
	if !ok || hash == w.current.revision {
		return w.current
	}
	for _, each := range c.input.workloads {
		replicas, ok := each.object.(*appsv1.ReplicaSet)
		if !ok || each.ref.Namespace != w.ref.Namespace || each.ref.Name != w.ref.Name+"-"+hash || sameTemplate(&replicas.Spec.Template, &deployment.Spec.Template) {
			continue
		}
		for _, set := range w.sets {
			if set.revision == hash {
				return set
			}
		}
		prototype := object.DeepCopy()
		prototype.Spec.NodeName, prototype.Status = "", corev1.PodStatus{}
		set := &replicaSet{revision: hash, prototype: prototype}
		w.sets = slices.Insert(w.sets, 0, set)
		return set
	}
	return w.current
}

func sameTemplate(one, other *corev1.PodTemplateSpec) bool {
	one, other = one.DeepCopy(), other.DeepCopy()
	delete(one.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	delete(other.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return apiequality.Semantic.DeepEqual(one, other)
}

// ordinalOf returns the number at the end of a name; 0 if there is none.
func ordinalOf(name string) int {
	ordinal, _ := strconv.Atoi(name[strings.LastIndex(name, "-")+1:])
	return ordinal
}
