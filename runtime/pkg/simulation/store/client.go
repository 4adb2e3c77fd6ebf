package store

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// client answers the requests of a scheduler. The interfaces that it embeds are nil, so any other request panics.
type client struct {
	kubernetes.Interface
	store *Store
}

func (c client) CoreV1() typedcorev1.CoreV1Interface { return core{store: c.store} }

type core struct {
	typedcorev1.CoreV1Interface
	store *Store
}

func (c core) Pods(namespace string) typedcorev1.PodInterface {
	return pods{store: c.store, namespace: namespace}
}

func (c core) PersistentVolumes() typedcorev1.PersistentVolumeInterface {
	return volumes{store: c.store}
}

func (c core) PersistentVolumeClaims(string) typedcorev1.PersistentVolumeClaimInterface {
	return claims{store: c.store}
}

type pods struct {
	typedcorev1.PodInterface
	store     *Store
	namespace string
}

// Bind accepts every binding. The simulation binds the pod when the scheduler's cycle has ended.
func (p pods) Bind(context.Context, *corev1.Binding, metav1.CreateOptions) error { return nil }

// Patch ignores conditions and nominated nodes: the simulation keeps its own.
func (p pods) Patch(_ context.Context, name string, _ types.PatchType, _ []byte, _ metav1.PatchOptions, _ ...string) (*corev1.Pod, error) {
	return p.get(name)
}

// Delete records a victim of preemption, for TakeDeleted.
func (p pods) Delete(_ context.Context, name string, _ metav1.DeleteOptions) error {
	pod, err := p.get(name)
	if err != nil {
		return err
	}
	p.store.mutex.Lock()
	defer p.store.mutex.Unlock()
	p.store.deleted = append(p.store.deleted, pod)
	return nil
}

func (p pods) get(name string) (*corev1.Pod, error) {
	pod, exists := Get(p.store, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: name}})
	if !exists {
		return nil, apierrors.NewNotFound(corev1.Resource("pods"), name)
	}
	return pod, nil
}

type volumes struct {
	typedcorev1.PersistentVolumeInterface
	store *Store
}

// Update binds a volume to the claim that the scheduler chose it for.
func (v volumes) Update(_ context.Context, volume *corev1.PersistentVolume, _ metav1.UpdateOptions) (*corev1.PersistentVolume, error) {
	return v.store.bindVolume(volume.DeepCopy()), nil
}

type claims struct {
	typedcorev1.PersistentVolumeClaimInterface
	store *Store
}

// Update provisions a volume on the node that the scheduler selected for a claim.
func (c claims) Update(_ context.Context, claim *corev1.PersistentVolumeClaim, _ metav1.UpdateOptions) (*corev1.PersistentVolumeClaim, error) {
	return c.store.provision(claim.DeepCopy())
}
