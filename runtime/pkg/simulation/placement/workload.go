package placement

import (
	"fmt"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// workload is an object whose controller keeps pods.
type workload struct {
	ref    simulationv1.ObjectReference
	object runtime.Object
	// current is the set of the current revision, nil if its pods are refused; sets are all of them, the oldest first.
	current *replicaSet
	sets    []*replicaSet
	pods    []*pod
	sync    func(c *cluster, w *workload) bool
	// managed workloads create no pods: another one owns them.
	managed bool
	// dirty workloads have something to do for their controller.
	dirty bool
	steps int
	// outdated is true if a pod without a controller has to be created again.
	outdated bool
	// eligible nodes of a DaemonSet; nil if nodes changed.
	eligible []string
	// scaledTo is how many replicas a Deployment had when its controller last scaled it.
	scaledTo int
}

// replicaSet is the pods of one revision. Kinds without ReplicaSets have one, too, for each revision.
type replicaSet struct {
	revision string
	// prototype is the pod that every pod of the revision is a copy of, admitted.
	prototype *corev1.Pod
	// wanted is how many pods the controller of a ReplicaSet keeps.
	wanted int
	// next is the number of the next pod.
	next int
}

// revisionOf a template, as controllers hash it.
func revisionOf(object runtime.Object) string {
	return controller.ComputeHash(templateOf(object), nil)
}

// desired number of pods.
func (w *workload) desired() int {
	switch typed := w.object.(type) {
	case *appsv1.Deployment:
		return int(ptr.Deref(typed.Spec.Replicas, 1))
	case *appsv1.StatefulSet:
		return int(ptr.Deref(typed.Spec.Replicas, 1))
	case *appsv1.ReplicaSet:
		return int(ptr.Deref(typed.Spec.Replicas, 1))
	case *appsv1.DaemonSet:
		return len(w.eligible)
	case *batchv1.Job:
		return jobPods(&typed.Spec)
	case *batchv1.CronJob:
		return jobPods(&typed.Spec.JobTemplate.Spec)
	}
	return 1
}

// jobPods returns how many pods a Job runs at once.
func jobPods(spec *batchv1.JobSpec) int {
	if ptr.Deref(spec.Suspend, false) {
		return 0
	}
	parallelism := int(ptr.Deref(spec.Parallelism, 1))
	if spec.Completions != nil {
		return min(parallelism, int(*spec.Completions))
	}
	return parallelism
}

// prototype returns the pod that a controller creates from a workload's template, admitted, and without a name.
func (c *cluster) prototype(w *workload, revision string) (*corev1.Pod, error) {
	template := templateOf(w.object).DeepCopy()
	made := &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.ref.Namespace, Name: "name", Labels: template.Labels, Annotations: template.Annotations,
		},
		Spec: template.Spec,
	}
	if made.Labels == nil {
		made.Labels = map[string]string{}
	}
	owner := metav1.OwnerReference{Kind: w.ref.Kind, Name: w.ref.Name, Controller: ptr.To(true)}
	switch typed := w.object.(type) {
	case *appsv1.Deployment:
		made.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = revision
		owner.APIVersion, owner.Kind, owner.Name = "apps/v1", "ReplicaSet", w.ref.Name+"-"+revision
		owner.UID = uidOf("ReplicaSet", w.ref.Namespace, owner.Name)
	case *appsv1.ReplicaSet:
		owner.APIVersion, owner.UID = "apps/v1", typed.UID
	case *appsv1.StatefulSet:
		made.Labels[appsv1.ControllerRevisionHashLabelKey] = w.ref.Name + "-" + revision
		for i := range typed.Spec.VolumeClaimTemplates {
			// Each replica mounts a claim of its own later.
			mount(&made.Spec, typed.Spec.VolumeClaimTemplates[i].Name, claimOf(w, &typed.Spec.VolumeClaimTemplates[i], 0))
		}
		owner.APIVersion, owner.UID = "apps/v1", typed.UID
	case *appsv1.DaemonSet:
		made.Labels[appsv1.ControllerRevisionHashLabelKey] = revision
		owner.APIVersion, owner.UID = "apps/v1", typed.UID
	case *batchv1.Job:
		made.Labels[batchv1.JobNameLabel], made.Labels["job-name"] = w.ref.Name, w.ref.Name
		made.Labels[batchv1.ControllerUidLabel], made.Labels["controller-uid"] = string(typed.UID), string(typed.UID)
		owner.APIVersion, owner.UID = "batch/v1", typed.UID
	case *batchv1.CronJob:
		maps.Copy(made.Labels, map[string]string{batchv1.JobNameLabel: w.ref.Name, "job-name": w.ref.Name})
		owner.APIVersion, owner.Kind, owner.UID = "batch/v1", "Job", typed.UID
	case *corev1.Pod:
		owner.Kind = ""
	}
	if owner.Kind != "" {
		made.OwnerReferences = []metav1.OwnerReference{owner}
	}
	return made, c.input.admission.Admit(made)
}

// setOf returns the set of a revision. It admits the revision's pods when it is first asked.
func (c *cluster) setOf(w *workload, revision string) (*replicaSet, error) {
	for _, set := range w.sets {
		if set.revision == revision {
			return set, nil
		}
	}
	prototype, err := c.prototype(w, revision)
	if err != nil {
		return nil, err
	}
	set := &replicaSet{revision: revision, prototype: prototype}
	w.sets = append(w.sets, set)
	c.storeSet(w, set)
	return set, nil
}

// storeSet stores the ReplicaSet of a Deployment's revision: the default spread of pods looks at its selector.
func (c *cluster) storeSet(w *workload, set *replicaSet) {
	deployment, ok := w.object.(*appsv1.Deployment)
	if !ok {
		return
	}
	selector := deployment.Spec.Selector.DeepCopy()
	if selector == nil {
		selector = &metav1.LabelSelector{}
	}
	selector = metav1.AddLabelToSelector(selector, appsv1.DefaultDeploymentUniqueLabelKey, set.revision)
	owner := set.prototype.OwnerReferences[0]
	c.store.Put(&appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.ref.Namespace, Name: owner.Name, UID: owner.UID},
		Spec:       appsv1.ReplicaSetSpec{Selector: selector},
	})
}

// create a pod of a set. Its name ends in what makes it unique in the workload.
func (c *cluster) create(w *workload, set *replicaSet, suffix string, change func(p *pod)) *pod {
	object := *set.prototype
	name := w.ref.Name
	switch w.ref.Kind {
	case "Deployment":
		name += "-" + set.revision
	case "DaemonSet":
		// Another revision's pod may run on the same node for a while.
		name += "-" + set.revision
	}
	if suffix != "" {
		name += "-" + suffix
	}
	object.Name = name
	object.UID = uidOf("Pod", w.ref.Namespace, name, fmt.Sprint(c.sequence+1))
	object.CreationTimestamp = metav1.NewTime(c.now())
	p := &pod{object: &object, owner: w, set: set, revision: set.revision, origin: simulationv1.Created}
	if change != nil {
		change(p)
	}
	c.add(p)
	return p
}

// number returns a number that no other pod of the set has had.
func (c *cluster) number(set *replicaSet) string {
	set.next++
	c.revert(func() { set.next-- })
	return fmt.Sprint(set.next - 1)
}

func (c *cluster) want(set *replicaSet, wanted int) {
	before := set.wanted
	if before == wanted {
		return
	}
	set.wanted = wanted
	c.revert(func() { set.wanted = before })
}

// count the pods of a set that its controller counts, and those that are available.
func (w *workload) count(set *replicaSet) (active, available int) {
	for _, each := range w.pods {
		if each.set != set || each.terminating {
			continue
		}
		active++
		if each.available() {
			available++
		}
	}
	return active, available
}
