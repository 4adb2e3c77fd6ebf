package placement

import (
	"fmt"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// syncStatefulSet takes one step as the controller does: create what is missing in the order of the ordinals, remove what
// is too much from the last ordinal down, then replace one pod of an earlier revision, from the last one down.
func syncStatefulSet(c *cluster, w *workload) bool {
	set := w.object.(*appsv1.StatefulSet)
	if w.current == nil {
		return false
	}
	ordered := set.Spec.PodManagementPolicy != appsv1.ParallelPodManagement
	first := 0
	if set.Spec.Ordinals != nil {
		first = int(set.Spec.Ordinals.Start)
	}
	last := first + w.desired() - 1
	byOrdinal := map[int]*pod{}
	for _, each := range w.pods {
		byOrdinal[each.ordinal] = each
	}
	changed := false
	for ordinal := first; ordinal <= last; ordinal++ {
		existing := byOrdinal[ordinal]
		if existing == nil {
			byOrdinal[ordinal] = c.createReplica(w, set, w.revisionFor(ordinal, set), ordinal)
			changed = true
			existing = byOrdinal[ordinal]
		}
		if ordered && !existing.available() {
			// The controller waits for each pod before it looks at the next.
			return changed
		}
	}
	if condemned := w.beyond(first, last); len(condemned) > 0 {
		if ordered {
			condemned = condemned[:1]
		}
		for _, each := range condemned {
			c.remove(each, simulationv1.ScaledDown, nil)
		}
		return true
	}
	return c.updateReplica(w, set, byOrdinal, first, last) || changed
}

// revisionFor returns the set of which a missing ordinal is created: below the partition, the earlier revision.
func (w *workload) revisionFor(ordinal int, set *appsv1.StatefulSet) *replicaSet {
	if ordinal >= partition(set) {
		return w.current
	}
	for _, earlier := range slices.Backward(w.sets) {
		if earlier != w.current {
			return earlier
		}
	}
	return w.current
}

func partition(set *appsv1.StatefulSet) int {
	if rolling := set.Spec.UpdateStrategy.RollingUpdate; rolling != nil {
		return int(ptr.Deref(rolling.Partition, 0))
	}
	return 0
}

// beyond returns the pods whose ordinals are too many, the last first.
func (w *workload) beyond(first, last int) []*pod {
	var condemned []*pod
	for _, each := range w.pods {
		if (each.ordinal < first || each.ordinal > last) && !each.terminating {
			condemned = append(condemned, each)
		}
	}
	slices.SortFunc(condemned, func(one, other *pod) int { return other.ordinal - one.ordinal })
	return condemned
}

// updateReplica removes the last pod of an earlier revision, once all pods after it are available.
func (c *cluster) updateReplica(w *workload, set *appsv1.StatefulSet, byOrdinal map[int]*pod, first, last int) bool {
	if set.Spec.UpdateStrategy.Type == appsv1.OnDeleteStatefulSetStrategyType {
		return false
	}
	for ordinal := last; ordinal >= max(first, partition(set)); ordinal-- {
		existing := byOrdinal[ordinal]
		switch {
		case existing.set != w.current && !existing.terminating:
			c.remove(existing, simulationv1.Replaced, nil)
			return true
		case !existing.available():
			return false
		}
	}
	return false
}

func (c *cluster) createReplica(w *workload, set *appsv1.StatefulSet, revision *replicaSet, ordinal int) *pod {
	name := fmt.Sprintf("%s-%d", w.ref.Name, ordinal)
	return c.create(w, revision, strconv.Itoa(ordinal), func(p *pod) {
		p.ordinal = ordinal
		p.object.Labels = withLabels(p.object.Labels, map[string]string{
			appsv1.StatefulSetPodNameLabel: name, appsv1.PodIndexLabel: strconv.Itoa(ordinal),
		})
		p.object.Spec.Hostname = name
		for _, template := range set.Spec.VolumeClaimTemplates {
			c.claim(w, &template, ordinal)
			mount(&p.object.Spec, template.Name, claimOf(w, &template, ordinal))
		}
	})
}

func claimOf(w *workload, template *corev1.PersistentVolumeClaim, ordinal int) string {
	return fmt.Sprintf("%s-%s-%d", template.Name, w.ref.Name, ordinal)
}

// claim creates the volume claim of a replica. One that exists stays: it keeps the data of an earlier pod.
func (c *cluster) claim(w *workload, template *corev1.PersistentVolumeClaim, ordinal int) {
	made := template.DeepCopy()
	made.ObjectMeta = metav1.ObjectMeta{Namespace: w.ref.Namespace, Name: claimOf(w, template, ordinal), Labels: template.Labels, Annotations: template.Annotations}
	made.UID = uidOf("PersistentVolumeClaim", made.Namespace, made.Name)
	made.Status.Phase = corev1.ClaimPending
	if _, exists := store.Get(c.store, made); !exists {
		c.store.Put(made)
		c.store.BindImmediately(made)
	}
}

// mount replaces or adds the volume of a claim.
func mount(spec *corev1.PodSpec, name, claim string) {
	volume := corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
	}}
	volumes := slices.DeleteFunc(slices.Clone(spec.Volumes), func(each corev1.Volume) bool { return each.Name == name })
	spec.Volumes = append(volumes, volume)
}

func withLabels(labels, more map[string]string) map[string]string {
	all := make(map[string]string, len(labels)+len(more))
	for key, value := range labels {
		all[key] = value
	}
	for key, value := range more {
		all[key] = value
	}
	return all
}

// claimTemplates returns the volume claims that a workload makes for each of its pods.
func claimTemplates(object runtime.Object) []*corev1.PersistentVolumeClaim {
	set, ok := object.(*appsv1.StatefulSet)
	if !ok {
		return nil
	}
	claims := make([]*corev1.PersistentVolumeClaim, len(set.Spec.VolumeClaimTemplates))
	for i := range claims {
		claims[i] = &set.Spec.VolumeClaimTemplates[i]
	}
	return claims
}
