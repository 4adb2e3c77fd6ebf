package placement

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/component-helpers/storage/ephemeral"
	"k8s.io/utils/ptr"

	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

func claimOf(w *workload, template *corev1.PersistentVolumeClaim, ordinal int) string {
	return fmt.Sprintf("%s-%s-%d", template.Name, w.ref.Name, ordinal)
}

// claim creates the volume claim of a replica. One that exists stays: it keeps the data of an earlier pod.
func (c *cluster) claim(w *workload, template *corev1.PersistentVolumeClaim, ordinal int) {
	made := template.DeepCopy()
	made.ObjectMeta = metav1.ObjectMeta{Namespace: w.ref.Namespace, Name: claimOf(w, template, ordinal), Labels: template.Labels, Annotations: template.Annotations}
	if _, exists := store.Get(c.store, made); !exists {
		c.putClaim(made)
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

// claimEphemeral creates the claims of a pod's generic ephemeral volumes, as their controller does.
func (c *cluster) claimEphemeral(p *pod) {
	for i := range p.object.Spec.Volumes {
		volume := &p.object.Spec.Volumes[i]
		if volume.Ephemeral == nil || volume.Ephemeral.VolumeClaimTemplate == nil {
			continue
		}
		template := volume.Ephemeral.VolumeClaimTemplate
		claim := &corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: p.object.Namespace, Name: ephemeral.VolumeClaimName(p.object, volume), Labels: template.Labels, Annotations: template.Annotations,
				OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Pod", Name: p.object.Name, UID: p.object.UID, Controller: ptr.To(true)}},
			},
			Spec: *template.Spec.DeepCopy(),
		}
		setClass(&claim.Spec, c.input.defaultClass)
		c.putClaim(claim)
	}
}

// putClaim creates a claim, and binds it if its class does not wait for a pod.
func (c *cluster) putClaim(claim *corev1.PersistentVolumeClaim) {
	claim.UID = uidOf("PersistentVolumeClaim", claim.Namespace, claim.Name)
	claim.Status.Phase = corev1.ClaimPending
	c.store.Put(claim)
	c.store.BindImmediately(claim)
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
