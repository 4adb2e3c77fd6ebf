package placement

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// adopt takes over a pod of a snapshot.
func (c *cluster) adopt(object *corev1.Pod) {
	name := nameOf("Pod", object)
	if !c.store.Exists(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: object.Spec.NodeName}}) {
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
		p.object = relabelled(object, p.owner.ref.Kind, p.set)
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

// relabelled returns a running pod with the hash that the simulation gives to its revision. A control plane computes
// another one, and the selector of a ReplicaSet includes it.
func relabelled(object *corev1.Pod, kind string, set *replicaSet) *corev1.Pod {
	key := appsv1.ControllerRevisionHashLabelKey
	if kind == "Deployment" {
		key = appsv1.DefaultDeploymentUniqueLabelKey
	}
	hash, has := set.prototype.Labels[key]
	if !has || object.Labels[key] == hash {
		return object
	}
	changed := object.DeepCopy()
	metav1.SetMetaDataLabel(&changed.ObjectMeta, key, hash)
	return changed
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
