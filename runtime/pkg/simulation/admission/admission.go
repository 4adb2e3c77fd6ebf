// Package admission turns pod templates into pods as an API server does with its default admission plugins.
package admission

import (
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"
	"k8s.io/utils/ptr"

	// The defaults of every kind that has a pod template.
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
)

// Context is the objects by which admission plugins decide.
type Context struct {
	LimitRanges     []*corev1.LimitRange
	PriorityClasses []*schedulingv1.PriorityClass
}

// privileged containers are valid, as in K3s.
var privileged = sync.OnceFunc(func() { capabilities.Setup(true, 0) })

// Admit fills in a pod's defaults: the API's own, those of LimitRanges, its priority, and the tolerations that end its
// stay on a node that is lost. It returns an error if the API server would refuse the pod.
func (c Context) Admit(pod *corev1.Pod) error {
	privileged()
	legacyscheme.Scheme.Default(pod)
	if err := c.limit(pod); err != nil {
		return err
	}
	if err := c.prioritize(pod); err != nil {
		return err
	}
	tolerateLoss(pod)
	return validate(pod)
}

// limit applies the LimitRanges of the pod's namespace.
func (c Context) limit(pod *corev1.Pod) error {
	var internal *api.Pod
	for _, limits := range c.LimitRanges {
		if limits.Namespace != pod.Namespace {
			continue
		}
		if internal == nil {
			internal = &api.Pod{}
			if err := legacyscheme.Scheme.Convert(pod, internal, nil); err != nil {
				return err
			}
		}
		if err := limitranger.PodMutateLimitFunc(limits, internal); err != nil {
			return err
		}
	}
	if internal == nil {
		return nil
	}
	for _, limits := range c.LimitRanges {
		if limits.Namespace == pod.Namespace {
			if err := limitranger.PodValidateLimitFunc(limits, internal); err != nil {
				return fmt.Errorf("LimitRange %s: %w", limits.Name, err)
			}
		}
	}
	return legacyscheme.Scheme.Convert(internal, pod, nil)
}

// prioritize resolves the pod's priority class.
func (c Context) prioritize(pod *corev1.Pod) error {
	class := pod.Spec.PriorityClassName
	if class == "" {
		found := c.globalDefault()
		if found == nil {
			pod.Spec.Priority = ptr.To(int32(scheduling.DefaultPriorityWhenNoDefaultClassExists))
			pod.Spec.PreemptionPolicy = ptr.To(corev1.PreemptLowerPriority)
			return nil
		}
		class = found.Name
		pod.Spec.PriorityClassName = class
	}
	for _, found := range append(c.PriorityClasses, systemClasses...) {
		if found.Name == class {
			policy := ptr.Deref(found.PreemptionPolicy, corev1.PreemptLowerPriority)
			pod.Spec.Priority, pod.Spec.PreemptionPolicy = ptr.To(found.Value), &policy
			return nil
		}
	}
	return fmt.Errorf("spec.priorityClassName: no PriorityClass with name %q was found", class)
}

// globalDefault returns the global default with the lowest value, as the Priority plugin does; nil if there is none.
func (c Context) globalDefault() *schedulingv1.PriorityClass {
	var lowest *schedulingv1.PriorityClass
	for _, class := range c.PriorityClasses {
		if class.GlobalDefault && (lowest == nil || class.Value < lowest.Value) {
			lowest = class
		}
	}
	return lowest
}

var systemClasses = func() []*schedulingv1.PriorityClass {
	var classes []*schedulingv1.PriorityClass
	for name, value := range map[string]int32{
		scheduling.SystemNodeCritical: scheduling.SystemCriticalPriority + 1000, scheduling.SystemClusterCritical: scheduling.SystemCriticalPriority,
	} {
		class := &schedulingv1.PriorityClass{Value: value}
		class.Name = name
		classes = append(classes, class)
	}
	return classes
}()

// lossSeconds is how long a pod stays on a node that is not ready or unreachable, unless it says otherwise: the default
// of kube-apiserver's --default-not-ready-toleration-seconds and --default-unreachable-toleration-seconds.
const lossSeconds = 300

// tolerateLoss does what the DefaultTolerationSeconds plugin does.
func tolerateLoss(pod *corev1.Pod) {
	for _, key := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		tolerates := slices.ContainsFunc(pod.Spec.Tolerations, func(toleration corev1.Toleration) bool {
			return (toleration.Key == key || toleration.Key == "") && (toleration.Effect == corev1.TaintEffectNoExecute || toleration.Effect == "")
		})
		if !tolerates {
			pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
				Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To(int64(lossSeconds)),
			})
		}
	}
}

func validate(pod *corev1.Pod) error {
	internal := &api.Pod{}
	if err := legacyscheme.Scheme.Convert(pod, internal, nil); err != nil {
		return err
	}
	options := podapi.GetValidationOptionsFromPodSpecAndMeta(&internal.Spec, nil, &internal.ObjectMeta, nil)
	return validation.ValidatePodCreate(internal, options).ToAggregate()
}
