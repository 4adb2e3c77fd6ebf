package store

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/storage/ephemeral"
	"k8s.io/component-helpers/storage/volume"
)

// LocalPath is the provisioner that K3s installs. Its volumes are folders of one node.
const LocalPath = "rancher.io/local-path"

// bindVolume does what the volume controller does with a volume that has a claim.
func (s *Store) bindVolume(bound *corev1.PersistentVolume) *corev1.PersistentVolume {
	bound.Status.Phase = corev1.VolumeBound
	s.Put(bound)
	if ref := bound.Spec.ClaimRef; ref != nil {
		like := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: ref.Namespace, Name: ref.Name}}
		if claim, exists := Get(s, like); exists {
			s.bindClaim(claim.DeepCopy(), bound)
		}
	}
	return bound
}

func (s *Store) bindClaim(claim *corev1.PersistentVolumeClaim, bound *corev1.PersistentVolume) *corev1.PersistentVolumeClaim {
	metav1.SetMetaDataAnnotation(&claim.ObjectMeta, volume.AnnBindCompleted, "yes")
	metav1.SetMetaDataAnnotation(&claim.ObjectMeta, volume.AnnBoundByController, "yes")
	claim.Spec.VolumeName = bound.Name
	claim.Status.Phase = corev1.ClaimBound
	claim.Status.AccessModes = bound.Spec.AccessModes
	claim.Status.Capacity = bound.Spec.Capacity
	s.Put(claim)
	if s.waiting != nil && s.Bound(s.waiting) {
		s.call()
		s.waiting, s.call = nil, nil
	}
	return claim
}

// provision makes a volume for a claim with a selected node, as the class's provisioner would.
func (s *Store) provision(claim *corev1.PersistentVolumeClaim) (*corev1.PersistentVolumeClaim, error) {
	node := claim.Annotations[volume.AnnSelectedNode]
	class, err := s.class(claim)
	if err != nil {
		return nil, err
	}
	return s.bindClaim(claim, s.newVolume(claim, class, node)), nil
}

func (s *Store) class(claim *corev1.PersistentVolumeClaim) (*storagev1.StorageClass, error) {
	name := volume.GetPersistentVolumeClaimClass(claim)
	class, exists := Get(s, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}})
	if !exists {
		return nil, fmt.Errorf("storageclass.storage.k8s.io %q not found", name)
	}
	return class, nil
}

// newVolume puts a volume of the claimed size into the store. A volume of the local-path provisioner stays on its node.
func (s *Store) newVolume(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass, node string) *corev1.PersistentVolume {
	made := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        "pvc-" + string(claim.UID),
			Annotations: map[string]string{volume.AnnDynamicallyProvisioned: class.Provisioner},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:         claim.Spec.Resources.Requests,
			AccessModes:      claim.Spec.AccessModes,
			StorageClassName: class.Name,
			ClaimRef:         &corev1.ObjectReference{Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID},
			VolumeMode:       claim.Spec.VolumeMode,
		},
		Status: corev1.PersistentVolumeStatus{Phase: corev1.VolumeBound},
	}
	if class.Provisioner == LocalPath {
		made.Spec.PersistentVolumeSource = corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var/lib/rancher/k3s/storage/" + made.Name}}
		made.Spec.NodeAffinity = onNode(node)
	}
	s.Put(made)
	return made
}

func onNode(name string) *corev1.VolumeNodeAffinity {
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{Key: corev1.LabelHostname, Operator: corev1.NodeSelectorOpIn, Values: []string{name}}},
	}}}}
}

// BindImmediately binds a claim whose class does not wait for a pod: to the smallest volume that fits, or to a new one.
func (s *Store) BindImmediately(claim *corev1.PersistentVolumeClaim) {
	if claim.Spec.VolumeName != "" {
		s.completeBinding(claim)
		return
	}
	delayed, err := volume.IsDelayBindingMode(claim, s.factory.Storage().V1().StorageClasses().Lister())
	if err != nil || delayed {
		return
	}
	found, err := volume.FindMatchingVolume(claim, List[*corev1.PersistentVolume](s), nil, nil, false, true)
	switch {
	case err != nil:
	case found != nil:
		s.bindTo(claim, found)
	default:
		class, err := s.class(claim)
		// The local-path provisioner cannot do without a node.
		if err == nil && class.Provisioner != volume.NotSupportedProvisioner && class.Provisioner != LocalPath {
			s.bindClaim(claim.DeepCopy(), s.newVolume(claim, class, ""))
		}
	}
}

func (s *Store) bindTo(claim *corev1.PersistentVolumeClaim, chosen *corev1.PersistentVolume) {
	bound := chosen.DeepCopy()
	bound.Spec.ClaimRef = &corev1.ObjectReference{Kind: "PersistentVolumeClaim", APIVersion: "v1", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID}
	s.bindVolume(bound)
}

// completeBinding binds a claim that names its volume, if the volume exists and belongs to no other claim.
func (s *Store) completeBinding(claim *corev1.PersistentVolumeClaim) {
	if claim.Annotations[volume.AnnBindCompleted] != "" {
		return
	}
	named, exists := Get(s, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: claim.Spec.VolumeName}})
	if !exists {
		return
	}
	if ref := named.Spec.ClaimRef; ref != nil && (ref.Namespace != claim.Namespace || ref.Name != claim.Name) {
		return
	}
	s.bindTo(claim, named)
}

// Bound reports whether every claim of a pod has its volume.
func (s *Store) Bound(pod *corev1.Pod) bool {
	for i := range pod.Spec.Volumes {
		name := claimName(pod, &pod.Spec.Volumes[i])
		if name == "" {
			continue
		}
		claim, exists := Get(s, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: name}})
		if !exists || claim.Annotations[volume.AnnBindCompleted] == "" {
			return false
		}
	}
	return true
}

// OnBound calls a function when every claim of a pod has its volume.
func (s *Store) OnBound(pod *corev1.Pod, call func()) { s.waiting, s.call = pod, call }

// claimName returns the name of the claim that a volume of a pod uses; empty if it uses none.
func claimName(pod *corev1.Pod, used *corev1.Volume) string {
	switch {
	case used.PersistentVolumeClaim != nil:
		return used.PersistentVolumeClaim.ClaimName
	case used.Ephemeral != nil:
		return ephemeral.VolumeClaimName(pod, used)
	}
	return ""
}
