package placement

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	corev1helper "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
	fwk "k8s.io/kube-scheduler/framework"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/names"
	"k8s.io/kubernetes/pkg/scheduler/framework/plugins/volumebinding"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins/edgeproximity"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
)

// remedies returns the changes that, together, make a plugin accept a node that it rejects. It returns none where these
// depend on more than the pod and the node.
func remedies(status *fwk.Status, pod *corev1.Pod, node *corev1.Node) []string {
	switch status.Plugin() {
	case names.TaintToleration:
		return tolerate(pod, node)
	case names.NodeUnschedulable:
		return []string{"uncordon the node"}
	case names.NodeAffinity:
		return matchAffinity(pod, node)
	case edgeproximity.Name:
		return allowRegion(status.Message(), pod, node)
	case names.VolumeBinding:
		return freeVolumes(status, pod)
	}
	return nil
}

// freeVolumes says which claims keep a pod on other nodes.
func freeVolumes(status *fwk.Status, pod *corev1.Pod) []string {
	if !slices.Contains(status.Reasons(), string(volumebinding.ErrReasonNodeConflict)) {
		return nil
	}
	var claims []string
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil {
			claims = append(claims, volume.PersistentVolumeClaim.ClaimName)
		}
	}
	if len(claims) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("delete the volume of %s and its data: it is on another node", strings.Join(claims, " or "))}
}

func tolerate(pod *corev1.Pod, node *corev1.Node) []string {
	var texts []string
	for i := range node.Spec.Taints {
		taint := &node.Spec.Taints[i]
		if taint.Effect == corev1.TaintEffectPreferNoSchedule || corev1helper.TolerationsTolerateTaint(logger, pod.Spec.Tolerations, taint, false) {
			continue
		}
		texts = append(texts, "tolerate the taint "+taint.ToString())
	}
	return texts
}

// matchAffinity lists what the node selector and the required node affinity ask for and the node does not have. Terms
// are alternatives: the one that asks for least more counts.
func matchAffinity(pod *corev1.Pod, node *corev1.Node) []string {
	var texts []string
	for _, key := range slices.Sorted(maps.Keys(pod.Spec.NodeSelector)) {
		if value := pod.Spec.NodeSelector[key]; node.Labels[key] != value {
			texts = append(texts, fmt.Sprintf("set the label %s=%s on the node, or drop it from the node selector", key, value))
		}
	}
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.NodeAffinity == nil {
		return texts
	}
	required := pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if required == nil || len(required.NodeSelectorTerms) == 0 {
		return texts
	}
	var least []string
	for i, term := range required.NodeSelectorTerms {
		unmet := unmet(term, node)
		if i == 0 || len(unmet) < len(least) {
			least = unmet
		}
	}
	return append(texts, least...)
}

// unmet requirements of a term.
func unmet(term corev1.NodeSelectorTerm, node *corev1.Node) []string {
	var texts []string
	check := func(single corev1.NodeSelectorTerm, text string) {
		selector, err := nodeaffinity.NewNodeSelector(&corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{single}})
		if err == nil && !selector.Match(node) {
			texts = append(texts, text)
		}
	}
	for _, each := range term.MatchExpressions {
		check(corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{each}},
			fmt.Sprintf("relax the required node affinity %s, or change the node's label", requirementText(each)))
	}
	for _, each := range term.MatchFields {
		check(corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{each}},
			fmt.Sprintf("relax the required node affinity %s", requirementText(each)))
	}
	return texts
}

func requirementText(r corev1.NodeSelectorRequirement) string {
	switch r.Operator {
	case corev1.NodeSelectorOpExists:
		return r.Key + " exists"
	case corev1.NodeSelectorOpDoesNotExist:
		return r.Key + " does not exist"
	case corev1.NodeSelectorOpIn:
		return fmt.Sprintf("%s in (%s)", r.Key, strings.Join(r.Values, ", "))
	case corev1.NodeSelectorOpNotIn:
		return fmt.Sprintf("%s not in (%s)", r.Key, strings.Join(r.Values, ", "))
	}
	return fmt.Sprintf("%s %s %s", r.Key, r.Operator, strings.Join(r.Values, ", "))
}

// allowRegion says how EdgeProximity accepts the region of a node.
func allowRegion(message string, pod *corev1.Pod, node *corev1.Node) []string {
	region, required := node.Labels[labels.EdgeRegion], pod.Labels[labels.RequiredRegion]
	switch {
	case strings.HasPrefix(message, "node has no edge region"):
		return []string{fmt.Sprintf("drop the label %s=%s of the pod", labels.RequiredRegion, required)}
	case strings.Contains(message, "pod requires"):
		return []string{fmt.Sprintf("add %s to the annotation %s of the pod", region, labels.AnnotationFallbackRegions)}
	case strings.HasPrefix(message, "node is in "):
		return []string{fmt.Sprintf("raise the annotation %s of the pod, which is %s", labels.AnnotationMaxRttMs, pod.Annotations[labels.AnnotationMaxRttMs])}
	case strings.HasPrefix(message, scheduling.LeftOut) && required != "":
		return []string{fmt.Sprintf("set the label %s=%s on the pod: a fallback region is used only if those before it are full", labels.RequiredRegion, region)}
	case strings.HasPrefix(message, scheduling.LeftOut):
		return []string{fmt.Sprintf("set the annotation %s=%s on the pod: nodes in nearer regions have room", labels.AnnotationNearRegion, node.Labels[labels.TopologyRegion])}
	}
	return nil
}

// requestLess says how much less a pod must request to fit on the node with the most free.
func requestLess(s simulationv1.Shortage) string {
	requested, free, allocatable := resource.MustParse(s.Requested), resource.MustParse(s.LargestFree), resource.MustParse(s.LargestAllocatable)
	switch {
	case allocatable.IsZero():
		return fmt.Sprintf("use nodes that have %s", s.Resource)
	case free.Sign() > 0:
		less := requested.DeepCopy()
		less.Sub(free)
		return fmt.Sprintf("request %s less of %s: %s instead of %s", less.String(), s.Resource, s.LargestFree, s.Requested)
	case requested.Cmp(allocatable) > 0:
		return fmt.Sprintf("request at most %s of %s instead of %s, and remove other pods: none is left", s.LargestAllocatable, s.Resource, s.Requested)
	}
	return fmt.Sprintf("free %s of %s on a node: none is left", s.Requested, s.Resource)
}
