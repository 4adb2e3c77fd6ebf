package placement

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func (in *input) readNodes(list []json.RawMessage, path string) {
	names := map[string]string{}
	for i, raw := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		object := in.decode(raw, at, "")
		if object == nil {
			continue
		}
		node, ok := object.(*corev1.Node)
		switch {
		case !ok:
			in.problem(simulationv1.Error, "InvalidObject", "", at, "must be a Node, got %T", object)
		case node.Name == "":
			in.problem(simulationv1.Error, "InvalidObject", "", at+".metadata.name", "must not be empty")
		case names[node.Name] != "":
			in.problem(simulationv1.Error, "DuplicateObject", nameOf("Node", node), at, "is the same node as %s; only the first counts", names[node.Name])
		default:
			names[node.Name] = at
			prepare(node, "Node", false)
			complete(node)
			in.checkCapacity(node, at)
			in.nodes = append(in.nodes, node)
		}
	}
	if len(in.nodes) == 0 {
		in.problem(simulationv1.Error, "NoNodes", "", path, "must have at least one node: no pod can run")
	}
}

// complete adds what a kubelet and the node controllers add to a node: its host name, and the taints that follow from its
// conditions.
func complete(node *corev1.Node) {
	if node.Labels[corev1.LabelHostname] == "" {
		if node.Labels == nil {
			node.Labels = map[string]string{}
		}
		node.Labels[corev1.LabelHostname] = node.Name
	}
	for _, condition := range node.Status.Conditions {
		if key := taintOf(condition); key != "" {
			addTaint(node, key, corev1.TaintEffectNoSchedule)
			if condition.Type == corev1.NodeReady {
				addTaint(node, key, corev1.TaintEffectNoExecute)
			}
		}
	}
	if node.Spec.Unschedulable {
		addTaint(node, corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)
	}
}

// taintOf returns the key of the taint for a condition; empty if the condition is good.
func taintOf(condition corev1.NodeCondition) string {
	bad := condition.Status == corev1.ConditionTrue
	switch condition.Type {
	case corev1.NodeReady:
		switch condition.Status {
		case corev1.ConditionFalse:
			return corev1.TaintNodeNotReady
		case corev1.ConditionUnknown:
			return corev1.TaintNodeUnreachable
		}
	case corev1.NodeMemoryPressure:
		if bad {
			return corev1.TaintNodeMemoryPressure
		}
	case corev1.NodeDiskPressure:
		if bad {
			return corev1.TaintNodeDiskPressure
		}
	case corev1.NodePIDPressure:
		if bad {
			return corev1.TaintNodePIDPressure
		}
	case corev1.NodeNetworkUnavailable:
		if bad {
			return corev1.TaintNodeNetworkUnavailable
		}
	}
	return ""
}

func addTaint(node *corev1.Node, key string, effect corev1.TaintEffect) {
	for _, taint := range node.Spec.Taints {
		if taint.Key == key && taint.Effect == effect {
			return
		}
	}
	node.Spec.Taints = append(node.Spec.Taints, corev1.Taint{Key: key, Effect: effect})
}

// checkCapacity reports a node on which no pod fits because it does not say what it has.
func (in *input) checkCapacity(node *corev1.Node, path string) {
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourcePods} {
		quantity, set := node.Status.Allocatable[name]
		if !set || quantity.Cmp(resource.Quantity{}) <= 0 {
			in.problem(simulationv1.Error, "NodeWithoutCapacity", nameOf("Node", node), fmt.Sprintf("%s.status.allocatable[%s]", path, name),
				"must be greater than 0, got %s: pods that request it do not fit", quantityText(quantity, set))
		}
	}
}

func quantityText(quantity resource.Quantity, set bool) string {
	if !set {
		return "nothing"
	}
	return quantity.String()
}
