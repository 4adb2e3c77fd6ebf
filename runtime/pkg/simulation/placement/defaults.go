package placement

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class"

// addDefaults adds what every K3s cluster has: the namespaces of its objects, and the storage class local-path.
func (in *input) addDefaults() {
	classes := map[string]bool{}
	namespaces := map[string]bool{}
	defaultClass := ""
	for _, object := range in.stored {
		switch typed := object.(type) {
		case *storagev1.StorageClass:
			classes[typed.Name] = true
			if typed.Annotations[defaultClassAnnotation] == "true" {
				defaultClass = typed.Name
			}
		case *corev1.Namespace:
			namespaces[typed.Name] = true
			metav1.SetMetaDataLabel(&typed.ObjectMeta, corev1.LabelMetadataName, typed.Name)
		}
	}
	const localPath = "local-path"
	if !classes[localPath] {
		class := &storagev1.StorageClass{
			ObjectMeta:        metav1.ObjectMeta{Name: localPath},
			Provisioner:       store.LocalPath,
			VolumeBindingMode: ptr.To(storagev1.VolumeBindingWaitForFirstConsumer),
		}
		if defaultClass == "" {
			defaultClass = localPath
			class.Annotations = map[string]string{defaultClassAnnotation: "true"}
		}
		prepare(class, "StorageClass", false)
		in.stored = append(in.stored, class)
	}
	for _, object := range in.stored {
		if claim, ok := object.(*corev1.PersistentVolumeClaim); ok {
			setClass(&claim.Spec, defaultClass)
		}
	}
	for _, workload := range in.workloads {
		for _, claim := range claimTemplates(workload.object) {
			setClass(&claim.Spec, defaultClass)
		}
	}
	for _, name := range in.usedNamespaces() {
		if !namespaces[name] {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelMetadataName: name}}}
			prepare(namespace, "Namespace", false)
			in.stored = append(in.stored, namespace)
		}
	}
}

func (in *input) usedNamespaces() []string {
	used := []string{corev1.NamespaceDefault}
	for _, workload := range in.workloads {
		used = append(used, workload.ref.Namespace)
	}
	for _, pod := range in.running {
		used = append(used, pod.Namespace)
	}
	slices.Sort(used)
	return slices.Compact(used)
}

func setClass(spec *corev1.PersistentVolumeClaimSpec, class string) {
	if spec.StorageClassName == nil && class != "" {
		spec.StorageClassName = ptr.To(class)
	}
}

// dropCycles removes workloads that are their own owners, by whatever detour: no controller would create their pods.
func (in *input) dropCycles() {
	owners := map[simulationv1.ObjectReference][]simulationv1.ObjectReference{}
	for _, workload := range in.workloads {
		owners[workload.ref] = workload.owners
	}
	in.workloads = slices.DeleteFunc(in.workloads, func(workload *declared) bool {
		cycle := ownerCycle(workload.ref, owners)
		if cycle == nil {
			return false
		}
		texts := make([]string, len(cycle))
		for i, ref := range cycle {
			texts[i] = ref.String()
		}
		in.problem(simulationv1.Error, "CyclicOwner", workload.ref.String(), "", "its owners form a cycle: %s", strings.Join(texts, " -> "))
		return true
	})
}

// ownerCycle follows owners from a workload back to itself; nil if they end.
func ownerCycle(from simulationv1.ObjectReference, owners map[simulationv1.ObjectReference][]simulationv1.ObjectReference) []simulationv1.ObjectReference {
	visited := map[simulationv1.ObjectReference]bool{}
	var follow func(at simulationv1.ObjectReference, path []simulationv1.ObjectReference) []simulationv1.ObjectReference
	follow = func(at simulationv1.ObjectReference, path []simulationv1.ObjectReference) []simulationv1.ObjectReference {
		for _, owner := range owners[at] {
			if owner == from {
				return append(path, owner)
			}
			if !visited[owner] {
				visited[owner] = true
				if cycle := follow(owner, append(path, owner)); cycle != nil {
					return cycle
				}
			}
		}
		return nil
	}
	return follow(from, []simulationv1.ObjectReference{from})
}
