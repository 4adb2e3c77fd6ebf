// Package nodepool keeps nodes as their pools state them.
//
// It trusts nothing that a kubelet can write: annotations, and all labels but those that NodeRestriction protects. Which
// pool a node belongs to is in a protected label, and what was applied to nodes is in the pool's status.
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

// Capacity is the annotation with what the pool says of its devices, JSON. The controller writes it and never reads it.
const Capacity = "skerry.dev/capacity"

// state is what pools decide about a node. Its maps and lists may belong to a node of the cache: they are never changed.
type state struct {
	labels   map[string]string
	capacity string
	taints   []corev1.Taint
}

func stateOf(node *corev1.Node) state {
	return state{labels: node.Labels, capacity: node.Annotations[Capacity], taints: node.Spec.Taints}
}

func (s state) equal(other state) bool {
	sameTaint := func(a, b corev1.Taint) bool { return a.Key == b.Key && a.Value == b.Value && a.Effect == b.Effect }
	return s.capacity == other.capacity && maps.Equal(s.labels, other.labels) && slices.EqualFunc(s.taints, other.taints, sameTaint)
}

// in is the state of a node that belongs to a pool. Labels and taints of others stay as they are, and taints in their order.
func (s state) in(pool *v1alpha1.FleetNodePool) state {
	next := s.without(pool.Status.Applied, pool.Spec)
	for _, key := range labels.Node {
		// The cloud or the kubelet may have set a label of Kubernetes that the pool does not state.
		if _, states := pool.Spec.Labels[key]; !states && !strings.Contains(key, "kubernetes.io/") {
			delete(next.labels, key)
		}
	}
	for key, value := range pool.Spec.Labels {
		next.labels[key] = string(value)
	}
	if by := pool.Spec.Selector.RegistrationLabel; by != nil {
		next.labels[by.Key] = by.Value
	}
	next.labels[labels.ProtectedPool] = pool.Name
	for _, taint := range pool.Spec.Taints {
		at := slices.IndexFunc(next.taints, func(t corev1.Taint) bool { return t.Key == taint.Key && t.Effect == taint.Effect })
		if at < 0 {
			next.taints = append(next.taints, corev1.Taint{Key: taint.Key, Value: string(taint.Value), Effect: taint.Effect})
		} else {
			next.taints[at].Value = string(taint.Value)
		}
	}
	next.capacity = ""
	if pool.Spec.Capacity != nil {
		// Plain numbers and texts: nothing that JSON cannot write.
		raw, _ := json.Marshal(pool.Spec.Capacity)
		next.capacity = string(raw)
	}
	return next
}

// after is the state of a node that leaves a pool. The label by which it registered stays, so that it finds back to a pool
// that is made anew.
func (s state) after(pool *v1alpha1.FleetNodePool) state {
	next := s.without(pool.Status.Applied, v1alpha1.FleetNodePoolSpec{})
	if by := pool.Spec.Selector.RegistrationLabel; by != nil {
		if value, had := s.labels[by.Key]; had {
			next.labels[by.Key] = value
		}
	}
	delete(next.labels, labels.ProtectedPool)
	next.capacity = ""
	return next
}

// without is a copy that lacks what was applied, but for what is kept.
func (s state) without(applied v1alpha1.Applied, kept v1alpha1.FleetNodePoolSpec) state {
	next := state{labels: maps.Clone(s.labels), capacity: s.capacity}
	if next.labels == nil {
		next.labels = map[string]string{}
	}
	for _, key := range applied.Labels {
		if _, keeps := kept.Labels[key]; !keeps {
			delete(next.labels, key)
		}
	}
	for _, taint := range s.taints {
		key := v1alpha1.TaintKey{Key: taint.Key, Effect: taint.Effect}
		if !slices.Contains(applied.Taints, key) || slices.ContainsFunc(kept.Taints, func(t v1alpha1.Taint) bool { return keyOf(t) == key }) {
			next.taints = append(next.taints, taint)
		}
	}
	return next
}

// patch is the merge patch that takes a node from its state to another. It names the version that it was made from, so
// that a change in between is not overwritten: taints are one list that Kubernetes' own controllers write too.
func patch(node *corev1.Node, to state) ([]byte, error) {
	from := stateOf(node)
	type object = map[string]any
	metadata := object{"resourceVersion": node.ResourceVersion}
	changed := object{}
	for key := range from.labels {
		if _, stays := to.labels[key]; !stays {
			changed[key] = nil
		}
	}
	for key, value := range to.labels {
		if old, has := from.labels[key]; !has || old != value {
			changed[key] = value
		}
	}
	if len(changed) > 0 {
		metadata["labels"] = changed
	}
	if from.capacity != to.capacity {
		annotations := object{Capacity: nil}
		if to.capacity != "" {
			annotations[Capacity] = to.capacity
		}
		metadata["annotations"] = annotations
	}
	body := object{"metadata": metadata}
	if !(state{taints: from.taints}).equal(state{taints: to.taints}) {
		body["spec"] = object{"taints": to.taints}
	}
	return json.Marshal(body)
}
