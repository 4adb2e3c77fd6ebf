package loadaware

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"
	fwk "k8s.io/kube-scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/apis/nodeprofile/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// nodeProfiles as the scheduler names a kind that is not its own: plural.version.group.
var nodeProfiles = fwk.EventResource(v1alpha1.Resource + "." + v1alpha1.GroupVersion.Version + "." + v1alpha1.GroupVersion.Group)

// EventsToRegister names what may let a refused pod in: a node that is less busy, a pod that goes, a node that comes.
func (p *Plugin) EventsToRegister(context.Context) ([]fwk.ClusterEventWithHint, error) {
	return []fwk.ClusterEventWithHint{
		{Event: fwk.ClusterEvent{Resource: nodeProfiles, ActionType: fwk.Add | fwk.Update}, QueueingHintFn: p.profileHelps},
		{Event: fwk.ClusterEvent{Resource: fwk.Pod, ActionType: fwk.Delete}, QueueingHintFn: podHelps},
		{Event: fwk.ClusterEvent{Resource: fwk.Node, ActionType: fwk.Add | fwk.UpdateNodeAllocatable}},
	}, nil
}

// profileHelps when the node is under every threshold now.
func (p *Plugin) profileHelps(logger klog.Logger, pod *corev1.Pod, _, after any) (fwk.QueueingHint, error) {
	object, ok := after.(*unstructured.Unstructured)
	if !ok {
		return fwk.Queue, nil
	}
	var profile v1alpha1.NodeProfile
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &profile); err != nil {
		return fwk.Queue, err
	}
	now := load.FromObject(&profile)
	if now.Time.IsZero() {
		return fwk.QueueSkip, nil
	}
	for _, d := range scored {
		if used, known := now.Usage.Get(d); known && used >= p.threshold[d] {
			logger.V(5).Info("Node is still busy", "pod", klog.KObj(pod), "node", profile.Name, "dimension", d.String())
			return fwk.QueueSkip, nil
		}
	}
	return fwk.Queue, nil
}

// podHelps when a pod leaves a node.
func podHelps(_ klog.Logger, _ *corev1.Pod, before, _ any) (fwk.QueueingHint, error) {
	if gone, ok := before.(*corev1.Pod); ok && gone.Spec.NodeName == "" {
		return fwk.QueueSkip, nil
	}
	return fwk.Queue, nil
}
