// Package nodepool implements the controllers that reconcile FleetNodePool objects: they apply a pool's labels, taints and
// capacity annotation to its nodes, and report the result in the pool's status.
//
// The controllers trust no field that a kubelet can write: neither annotations nor labels other than those that the
// NodeRestriction admission plugin protects. A protected label records which pool a node belongs to, and the pool's status
// records the keys that the controllers have applied to nodes.
package nodepool

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

// CapacityAnnotation holds the capacity of the node's device as JSON. The controllers write it and never read it.
const CapacityAnnotation = "skerry.dev/capacity"

// nodeState holds the fields of a node that pools manage. Its map and slice may belong to a cached node and must not be
// modified.
type nodeState struct {
	name     string
	labels   map[string]string
	capacity string
	taints   []corev1.Taint
}

func nodeStateOf(node *corev1.Node) nodeState {
	return nodeState{name: node.Name, labels: node.Labels, capacity: node.Annotations[CapacityAnnotation], taints: node.Spec.Taints}
}

func (s nodeState) equal(other nodeState) bool {
	sameTaint := func(a, b corev1.Taint) bool { return a.Key == b.Key && a.Value == b.Value && a.Effect == b.Effect }
	return s.capacity == other.capacity && maps.Equal(s.labels, other.labels) && slices.EqualFunc(s.taints, other.taints, sameTaint)
}

// withPool returns the state of a node that belongs to a pool. It keeps labels and taints that the pool does not manage,
// and the order of taints.
func (s nodeState) withPool(pool *v1alpha1.FleetNodePool) nodeState {
	next := s.withoutKeys(pool.Status.ManagedKeys, pool.Spec).withOriginals(pool, pool.Spec)
	for _, key := range unsetLabels(pool) {
		delete(next.labels, key)
	}
	for key, value := range pool.Spec.Labels {
		next.labels[key] = string(value)
	}
	if label := pool.Spec.Selector.RegistrationLabel; label != nil {
		next.labels[label.Key] = label.Value
	}
	next.labels[labels.ProtectedPool] = pool.Name
	for _, taint := range pool.Spec.Taints {
		index := slices.IndexFunc(next.taints, func(t corev1.Taint) bool { return t.Key == taint.Key && t.Effect == taint.Effect })
		if index < 0 {
			next.taints = append(next.taints, corev1.Taint{Key: taint.Key, Value: string(taint.Value), Effect: taint.Effect})
		} else {
			next.taints[index].Value = string(taint.Value)
		}
	}
	next.capacity = ""
	if pool.Spec.Capacity != nil {
		// Marshaling cannot fail: the struct holds only numbers and strings.
		raw, _ := json.Marshal(pool.Spec.Capacity)
		next.capacity = string(raw)
	}
	return next
}

// unsetLabels returns the keys of Skerry's labels that a pool does not set, and that its nodes must not have. Labels of
// Kubernetes that the pool does not set may come from the cloud provider or the kubelet.
func unsetLabels(pool *v1alpha1.FleetNodePool) []string {
	var keys []string
	for _, key := range labels.Node {
		if _, ok := pool.Spec.Labels[key]; !ok && !strings.Contains(key, "kubernetes.io/") {
			keys = append(keys, key)
		}
	}
	return keys
}

// withoutPool returns the state of a node that leaves a pool. It keeps the node's registration label, so that the node
// rejoins when the pool is created again.
func (s nodeState) withoutPool(pool *v1alpha1.FleetNodePool) nodeState {
	next := s.withoutKeys(pool.Status.ManagedKeys, v1alpha1.FleetNodePoolSpec{}).withOriginals(pool, v1alpha1.FleetNodePoolSpec{})
	if label := pool.Spec.Selector.RegistrationLabel; label != nil {
		if value, ok := s.labels[label.Key]; ok {
			next.labels[label.Key] = value
		}
	}
	delete(next.labels, labels.ProtectedPool)
	next.capacity = ""
	return next
}

// withoutKeys returns a copy without the managed labels and taints that are not in keep.
func (s nodeState) withoutKeys(managed v1alpha1.ManagedKeys, keep v1alpha1.FleetNodePoolSpec) nodeState {
	next := nodeState{name: s.name, labels: maps.Clone(s.labels), capacity: s.capacity}
	if next.labels == nil {
		next.labels = map[string]string{}
	}
	for _, key := range managed.Labels {
		if _, ok := keep.Labels[key]; !ok {
			delete(next.labels, key)
		}
	}
	for _, taint := range s.taints {
		key := v1alpha1.TaintKey{Key: taint.Key, Effect: taint.Effect}
		if !slices.Contains(managed.Taints, key) || slices.ContainsFunc(keep.Taints, func(t v1alpha1.Taint) bool { return keyOf(t) == key }) {
			next.taints = append(next.taints, taint)
		}
	}
	return next
}

// mergePatch returns the JSON merge patch that changes a node to the desired state. The patch contains the node's resource
// version and so fails if the node has changed: taints are one list, which Kubernetes' controllers write too.
func mergePatch(node *corev1.Node, desired nodeState) ([]byte, error) {
	current := nodeStateOf(node)
	type object = map[string]any
	metadata := object{"resourceVersion": node.ResourceVersion}
	changedLabels := object{}
	for key := range current.labels {
		if _, ok := desired.labels[key]; !ok {
			changedLabels[key] = nil
		}
	}
	for key, value := range desired.labels {
		if old, ok := current.labels[key]; !ok || old != value {
			changedLabels[key] = value
		}
	}
	if len(changedLabels) > 0 {
		metadata["labels"] = changedLabels
	}
	if current.capacity != desired.capacity {
		annotations := object{CapacityAnnotation: nil}
		if desired.capacity != "" {
			annotations[CapacityAnnotation] = desired.capacity
		}
		metadata["annotations"] = annotations
	}
	body := object{"metadata": metadata}
	if !(nodeState{taints: current.taints}).equal(nodeState{taints: desired.taints}) {
		body["spec"] = object{"taints": desired.taints}
	}
	return json.Marshal(body)
}
