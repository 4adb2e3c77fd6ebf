package placement

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	resourcehelper "k8s.io/component-helpers/resource"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// findProblems looks for what makes pods unschedulable for good, or a placement differ from that of a cluster.
func (c *cluster) findProblems() []simulationv1.Finding {
	var findings []simulationv1.Finding
	add := func(severity simulationv1.Severity, code, object, format string, args ...any) {
		findings = append(findings, simulationv1.Finding{Severity: severity, Code: code, Object: object, Message: fmt.Sprintf(format, args...)})
	}
	nodes := map[string]bool{}
	largest := corev1.ResourceList{}
	for _, node := range c.input.nodes {
		nodes[node.Name] = true
		for name, quantity := range node.Status.Allocatable {
			if most, set := largest[name]; !set || quantity.Cmp(most) > 0 {
				largest[name] = quantity
			}
		}
	}
	reported := map[*replicaSet]bool{}
	for _, each := range c.sortedPods() {
		if each.node() != "" && !nodes[each.node()] {
			add(simulationv1.Error, "PodOnUnknownNode", nameOf("Pod", each.object), "names node %q, which does not exist", each.node())
		}
		if each.node() != "" || each.set == nil || reported[each.set] || len(c.input.nodes) == 0 {
			continue
		}
		reported[each.set] = true
		requests := resourcehelper.PodRequests(each.object, resourcehelper.PodResourcesOptions{})
		for _, name := range sortedNames(requests) {
			quantity, most := requests[name], largest[name]
			if quantity.Cmp(most) > 0 {
				add(simulationv1.Error, "ImpossibleRequest", each.owner.ref.String(), "requests %s of %s; the largest node has %s", quantity.String(), name, most.String())
			}
		}
	}
	c.findLostVolumes(nodes, add)
	return findings
}

// findLostVolumes reports claims that are bound to volumes of nodes that do not exist.
func (c *cluster) findLostVolumes(nodes map[string]bool, add func(severity simulationv1.Severity, code, object, format string, args ...any)) {
	for _, claim := range store.List[*corev1.PersistentVolumeClaim](c.store) {
		if claim.Spec.VolumeName == "" {
			continue
		}
		volume, exists := store.Get(c.store, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: claim.Spec.VolumeName}})
		if !exists {
			add(simulationv1.Error, "VolumeDoesNotExist", nameOf("PersistentVolumeClaim", claim), "is bound to volume %s, which does not exist: pods that use it cannot run", claim.Spec.VolumeName)
			continue
		}
		hosts := hostsOf(volume)
		if len(hosts) > 0 && !slices.ContainsFunc(hosts, func(host string) bool { return nodes[host] }) {
			add(simulationv1.Error, "VolumeOnRemovedNode", nameOf("PersistentVolumeClaim", claim), "its volume %s is on node %s, which does not exist: pods that use it cannot run, and its data is lost", volume.Name, hosts[0])
		}
	}
}

// hostsOf returns the nodes that a volume is bound to by host name; none if it is not bound to any.
func hostsOf(volume *corev1.PersistentVolume) []string {
	if volume.Spec.NodeAffinity == nil || volume.Spec.NodeAffinity.Required == nil {
		return nil
	}
	var hosts []string
	for _, term := range volume.Spec.NodeAffinity.Required.NodeSelectorTerms {
		for _, expression := range term.MatchExpressions {
			if expression.Key == corev1.LabelHostname && expression.Operator == corev1.NodeSelectorOpIn {
				hosts = append(hosts, expression.Values...)
			}
		}
	}
	return hosts
}

func sortedNames(list corev1.ResourceList) []corev1.ResourceName {
	names := make([]corev1.ResourceName, 0, len(list))
	for name := range list {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
