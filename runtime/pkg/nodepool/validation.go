package nodepool

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

const (
	kubernetesKeyMessage = "keys in the domains kubernetes.io and k8s.io are reserved for Kubernetes"
	controllerKeyMessage = "keys in this domain are reserved for the node controller"
)

// allowedKubernetesLabels lists the label keys of Kubernetes that a pool may set.
var allowedKubernetesLabels = []string{labels.TopologyRegion, labels.TopologyZone, "node.kubernetes.io/exclude-from-external-load-balancers"}

// inDomain reports whether a key's prefix is the domain or one of its subdomains.
func inDomain(key, domain string) bool {
	prefix, _, found := strings.Cut(key, "/")
	return found && (prefix == domain || strings.HasSuffix(prefix, "."+domain))
}

func inKubernetesDomain(key string) bool {
	return inDomain(key, "kubernetes.io") || inDomain(key, "k8s.io")
}

// validatePool checks the same rules as the CustomResourceDefinition, because a cluster may serve an older definition.
func validatePool(pool *v1alpha1.FleetNodePool) field.ErrorList {
	var errs field.ErrorList
	if len(pool.Name) > validation.LabelValueMaxLength {
		errs = append(errs, field.TooLong(field.NewPath("metadata", "name"), pool.Name, validation.LabelValueMaxLength))
	}
	errs = append(errs, validateLabels(pool.Spec.Labels, field.NewPath("spec", "labels"))...)
	return append(errs, validateTaints(pool.Spec.Taints, field.NewPath("spec", "taints"))...)
}

func validateLabels(nodeLabels map[string]v1alpha1.LabelValue, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	protectedDomain, _, _ := strings.Cut(labels.ProtectedPool, "/")
	for _, key := range slices.Sorted(maps.Keys(nodeLabels)) {
		for _, message := range validation.IsQualifiedName(key) {
			errs = append(errs, field.Invalid(path.Key(key), key, message))
		}
		for _, message := range validation.IsValidLabelValue(string(nodeLabels[key])) {
			errs = append(errs, field.Invalid(path.Key(key), nodeLabels[key], message))
		}
		switch {
		case inDomain(key, protectedDomain):
			errs = append(errs, field.Forbidden(path.Key(key), controllerKeyMessage))
		case inDomain(key, "node-restriction.kubernetes.io"), slices.Contains(allowedKubernetesLabels, key):
		case inKubernetesDomain(key):
			errs = append(errs, field.Forbidden(path.Key(key), kubernetesKeyMessage))
		}
	}
	return errs
}

func validateTaints(taints []v1alpha1.Taint, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := map[v1alpha1.TaintKey]bool{}
	for i, taint := range taints {
		for _, message := range validation.IsQualifiedName(taint.Key) {
			errs = append(errs, field.Invalid(path.Index(i).Child("key"), taint.Key, message))
		}
		for _, message := range validation.IsValidLabelValue(string(taint.Value)) {
			errs = append(errs, field.Invalid(path.Index(i).Child("value"), taint.Value, message))
		}
		if inKubernetesDomain(taint.Key) {
			errs = append(errs, field.Forbidden(path.Index(i).Child("key"), kubernetesKeyMessage))
		}
		if seen[keyOf(taint)] {
			errs = append(errs, field.Duplicate(path.Index(i), taint.Key+":"+string(taint.Effect)))
		}
		seen[keyOf(taint)] = true
	}
	return errs
}
