// Package nodepool keeps nodes as their pools state them.
package nodepool

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// Annotations that the controller writes on nodes.
const (
	// AppliedLabels holds the label keys that the controller set, a JSON list: what to take away when a pool no longer
	// states them.
	AppliedLabels = "skerry.dev/applied-labels"
	// AppliedTaints holds the taints that the controller set, a JSON list of key and effect.
	AppliedTaints = "skerry.dev/applied-taints"
	// Capacity holds what the pool says of its devices, JSON.
	Capacity = "skerry.dev/capacity"
)

// apply makes a node what its pool states, and tells whether that changed anything. Labels and taints of others stay
// as they are, and the taints in their order.
func apply(node *corev1.Node, pool *v1alpha1.NodePool) (bool, error) {
	before := node.DeepCopy()
	if node.Labels == nil {
		node.Labels = map[string]string{}
	}
	if node.Annotations == nil {
		node.Annotations = map[string]string{}
	}
	applyLabels(node, pool.Spec.Labels)
	applyTaints(node, pool.Spec.Taints)
	if pool.Spec.Capacity == nil {
		delete(node.Annotations, Capacity)
	} else if err := annotate(node, Capacity, pool.Spec.Capacity); err != nil {
		return false, err
	}
	return !equal(before, node), nil
}

func equal(a, b *corev1.Node) bool {
	return mapsEqual(a.Labels, b.Labels) && mapsEqual(a.Annotations, b.Annotations) && slices.Equal(taintIDs(a.Spec.Taints), taintIDs(b.Spec.Taints))
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for key, value := range a {
		if other, found := b[key]; !found || other != value {
			return false
		}
	}
	return true
}

func taintIDs(taints []corev1.Taint) []string {
	ids := make([]string, len(taints))
	for i, taint := range taints {
		ids[i] = taint.ToString()
	}
	return ids
}

// applyLabels sets what is stated, and takes away what was set before and what a node claims of Skerry's own keys.
func applyLabels(node *corev1.Node, stated map[string]string) {
	var applied []string
	_ = json.Unmarshal([]byte(node.Annotations[AppliedLabels]), &applied)
	for _, key := range append(applied, labels.Node...) {
		if _, still := stated[key]; !still && !upstream(key) {
			delete(node.Labels, key)
		}
	}
	keys := make([]string, 0, len(stated))
	for key, value := range stated {
		node.Labels[key] = value
		keys = append(keys, key)
	}
	sort.Strings(keys)
	_ = annotate(node, AppliedLabels, keys)
}

// upstream tells whether a key is Kubernetes' own: a pool may state it, but not stating it means nothing.
func upstream(key string) bool {
	namespace, _, _ := strings.Cut(key, "/")
	return namespace == "kubernetes.io" || strings.HasSuffix(namespace, ".kubernetes.io")
}

type taintKey struct {
	Key    string             `json:"key"`
	Effect corev1.TaintEffect `json:"effect"`
}

// applyTaints sets what is stated and takes away what was set before. A taint is known by its key and effect.
func applyTaints(node *corev1.Node, stated []v1alpha1.Taint) {
	var applied []taintKey
	_ = json.Unmarshal([]byte(node.Annotations[AppliedTaints]), &applied)
	wanted := map[taintKey]string{}
	keys := make([]taintKey, 0, len(stated))
	for _, taint := range stated {
		key := taintKey{taint.Key, taint.Effect}
		wanted[key] = taint.Value
		keys = append(keys, key)
	}
	kept := make([]corev1.Taint, 0, len(node.Spec.Taints)+len(stated))
	present := map[taintKey]bool{}
	for _, taint := range node.Spec.Taints {
		key := taintKey{taint.Key, taint.Effect}
		value, ours := wanted[key]
		switch {
		case ours:
			taint.Value = value
			present[key] = true
		case slices.Contains(applied, key):
			continue
		}
		kept = append(kept, taint)
	}
	for _, key := range keys {
		if !present[key] {
			kept = append(kept, corev1.Taint{Key: key.Key, Value: wanted[key], Effect: key.Effect})
		}
	}
	node.Spec.Taints = kept
	_ = annotate(node, AppliedTaints, keys)
}

// annotate writes a value as JSON; an empty list is no annotation.
func annotate(node *corev1.Node, name string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if string(raw) == "[]" {
		delete(node.Annotations, name)
		return nil
	}
	node.Annotations[name] = string(raw)
	return nil
}

// problems of a pool that the definition's schema cannot tell.
func problems(pool *v1alpha1.NodePool) []string {
	var found []string
	for key, value := range pool.Spec.Labels {
		for _, problem := range append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...) {
			found = append(found, fmt.Sprintf("spec.labels[%q]: %s", key, problem))
		}
	}
	for i, taint := range pool.Spec.Taints {
		for _, problem := range append(validation.IsQualifiedName(taint.Key), validation.IsValidLabelValue(taint.Value)...) {
			found = append(found, fmt.Sprintf("spec.taints[%d]: %s", i, problem))
		}
	}
	sort.Strings(found)
	return found
}
