package verdict

import (
	"context"
	"fmt"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	"k8s.io/kubernetes/plugin/pkg/admission/certificates/subjectrestriction"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	"k8s.io/kubernetes/plugin/pkg/admission/serviceaccount"
	podsecurity "k8s.io/pod-security-admission/api"
)

// admissionChain holds what the plugins that are on by default decide by the object alone, in the API server's order,
// and the plugin that ends the request. The others look at the state of the cluster, or fill in what no validation
// looks at.
var admissionChain = admission.NewChainHandler(
	accounts{}, podSecurityLabels{}, priorities{}, overheads{runtimeclass.NewRuntimeClass()}, subjectrestriction.NewPlugin(), last{})

// onCreate is embedded by plugins for creations.
type onCreate struct{}

func (onCreate) Handles(operation admission.Operation) bool { return operation == admission.Create }

// accounts is what ServiceAccount does without looking at the account.
type accounts struct{ onCreate }

func (accounts) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	pod, isPod := a.GetObject().(*api.Pod)
	if !isPod || pod.Annotations[corev1.MirrorPodAnnotationKey] != "" {
		return nil
	}
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = serviceaccount.DefaultServiceAccountName
	}
	return nil
}

// podSecurityLabels is what PodSecurity says of a namespace.
type podSecurityLabels struct{ onCreate }

func (podSecurityLabels) Validate(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	namespace, isNamespace := a.GetObject().(*api.Namespace)
	if !isNamespace {
		return nil
	}
	if _, problems := podsecurity.PolicyToEvaluate(namespace.Labels, podsecurity.Policy{}); len(problems) > 0 {
		return apierrors.NewInvalid(a.GetKind().GroupKind(), namespace.Name, problems)
	}
	return nil
}

// priorities is what Priority says of a pod that names no class, in a cluster whose classes are no default.
type priorities struct{ onCreate }

func (priorities) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	pod, isPod := a.GetObject().(*api.Pod)
	if !isPod || pod.Spec.PriorityClassName != "" {
		return nil
	}
	if stated := pod.Spec.Priority; stated != nil && *stated != scheduling.DefaultPriorityWhenNoDefaultClassExists {
		return admission.NewForbidden(a, fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; "+
			"priority admission controller computed %d from the given PriorityClass name",
			*stated, scheduling.DefaultPriorityWhenNoDefaultClassExists))
	}
	if stated := pod.Spec.PreemptionPolicy; stated != nil && *stated != api.PreemptLowerPriority {
		return admission.NewForbidden(a, fmt.Errorf("the string value of PreemptionPolicy (%s) must not be provided in pod spec; "+
			"priority admission controller computed %s from the given PriorityClass name", *stated, api.PreemptLowerPriority))
	}
	return nil
}

// overheads is what RuntimeClass says of a pod that names no class.
type overheads struct{ *runtimeclass.RuntimeClass }

func (overheads) Admit(context.Context, admission.Attributes, admission.ObjectInterfaces) error {
	return nil
}

func (o overheads) Validate(ctx context.Context, a admission.Attributes, i admission.ObjectInterfaces) error {
	if pod, isPod := a.GetObject().(*api.Pod); !isPod || pod.Spec.RuntimeClassName != nil {
		return nil
	}
	return o.RuntimeClass.Validate(ctx, a, i)
}

// statusAccepted ends a request that would be stored. No API server answers a creation with this code.
const statusAccepted = http.StatusAccepted

var accepted = &apierrors.StatusError{ErrStatus: metav1.Status{Code: statusAccepted}}

// last sees an object as it would be stored, keeps it for the caller, and ends the request.
type last struct{ onCreate }

func (last) Validate(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if keep, wanted := ctx.Value(storedKey{}).(*runtime.Object); wanted {
		*keep = a.GetObject()
	}
	return accepted
}

// storedKey is where a request's context says to put the object as it would be stored.
type storedKey struct{}
