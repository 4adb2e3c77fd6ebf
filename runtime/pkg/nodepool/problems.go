package nodepool

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

const (
	ownedKey      = "keys in the domains kubernetes.io and k8s.io belong to Kubernetes: choose a domain of your own"
	controllerKey = "keys in this domain belong to the node controller"
)

// statable are the labels of Kubernetes' domains that a pool may state.
var statable = []string{labels.TopologyRegion, labels.TopologyZone, "node.kubernetes.io/exclude-from-external-load-balancers"}

// within tells whether a key is in a domain, or in one below it.
func within(key, domain string) bool {
	prefix, _, found := strings.Cut(key, "/")
	return found && (prefix == domain || strings.HasSuffix(prefix, "."+domain))
}

func inKubernetesDomain(key string) bool {
	return within(key, "kubernetes.io") || within(key, "k8s.io")
}

// problems of a pool, of those that its definition refuses too: a cluster may have an older one.
func problems(pool *v1alpha1.FleetNodePool) field.ErrorList {
	var found field.ErrorList
	if len(pool.Name) > validation.LabelValueMaxLength {
		found = append(found, field.TooLong(field.NewPath("metadata", "name"), pool.Name, validation.LabelValueMaxLength))
	}
	found = append(found, labelProblems(pool.Spec.Labels, field.NewPath("spec", "labels"))...)
	return append(found, taintProblems(pool.Spec.Taints, field.NewPath("spec", "taints"))...)
}

func labelProblems(stated map[string]v1alpha1.LabelValue, at *field.Path) field.ErrorList {
	var found field.ErrorList
	protected, _, _ := strings.Cut(labels.ProtectedPool, "/")
	for _, key := range sortedKeys(stated) {
		for _, problem := range validation.IsQualifiedName(key) {
			found = append(found, field.Invalid(at.Key(key), key, problem))
		}
		for _, problem := range validation.IsValidLabelValue(string(stated[key])) {
			found = append(found, field.Invalid(at.Key(key), stated[key], problem))
		}
		switch {
		case within(key, protected):
			found = append(found, field.Forbidden(at.Key(key), controllerKey))
		case within(key, "node-restriction.kubernetes.io"), slices.Contains(statable, key):
		case inKubernetesDomain(key):
			found = append(found, field.Forbidden(at.Key(key), ownedKey))
		}
	}
	return found
}

func taintProblems(stated []v1alpha1.Taint, at *field.Path) field.ErrorList {
	var found field.ErrorList
	seen := map[v1alpha1.TaintKey]bool{}
	for i, taint := range stated {
		for _, problem := range validation.IsQualifiedName(taint.Key) {
			found = append(found, field.Invalid(at.Index(i).Child("key"), taint.Key, problem))
		}
		for _, problem := range validation.IsValidLabelValue(string(taint.Value)) {
			found = append(found, field.Invalid(at.Index(i).Child("value"), taint.Value, problem))
		}
		if inKubernetesDomain(taint.Key) {
			found = append(found, field.Forbidden(at.Index(i).Child("key"), ownedKey))
		}
		if seen[keyOf(taint)] {
			found = append(found, field.Duplicate(at.Index(i), taint.Key+":"+string(taint.Effect)))
		}
		seen[keyOf(taint)] = true
	}
	return found
}

func sortedKeys(of map[string]v1alpha1.LabelValue) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
