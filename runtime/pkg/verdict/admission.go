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

// admissionChain has the decisions of the default admission plugins that depend on the object only, in the API server's
// order, followed by a plugin that ends the request. Other plugins depend on the state of the cluster, or set fields that
// no validation checks.
var admissionChain = admission.NewChainHandler(
	accounts{}, podSecurityLabels{}, priorities{}, overheads{runtimeclass.NewRuntimeClass()}, subjectrestriction.NewPlugin(), last{})

// onCreate is embedded by plugins that handle create requests.
type onCreate struct{}

func (onCreate) Handles(operation admission.Operation) bool { return operation == admission.Create }

// accounts is the part of plugin ServiceAccount that does not look up the account.
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

// podSecurityLabels is the part of plugin PodSecurity that validates the labels of a namespace.
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

// priorities is the part of plugin Priority for pods without a class, in a cluster without a default class.
type priorities struct{ onCreate }

func (priorities) Admit(_ context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	pod, isPod := a.GetObject().(*api.Pod)
	if !isPod || pod.Spec.PriorityClassName != "" {
		return nil
	}
	if priority := pod.Spec.Priority; priority != nil && *priority != scheduling.DefaultPriorityWhenNoDefaultClassExists {
		return admission.NewForbidden(a, fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; "+
			"priority admission controller computed %d from the given PriorityClass name",
			*priority, scheduling.DefaultPriorityWhenNoDefaultClassExists))
	}
	if policy := pod.Spec.PreemptionPolicy; policy != nil && *policy != api.PreemptLowerPriority {
		return admission.NewForbidden(a, fmt.Errorf("the string value of PreemptionPolicy (%s) must not be provided in pod spec; "+
			"priority admission controller computed %s from the given PriorityClass name", *policy, api.PreemptLowerPriority))
	}
	return nil
}

// overheads is the part of plugin RuntimeClass for pods without a class.
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

// statusAccepted is the status of a request whose object would be stored. API servers do not use it for create requests.
const statusAccepted = http.StatusAccepted

var accepted = &apierrors.StatusError{ErrStatus: metav1.Status{Code: statusAccepted}}

// last passes the object as it would be stored to the caller, and ends the request.
type last struct{ onCreate }

func (last) Validate(ctx context.Context, a admission.Attributes, _ admission.ObjectInterfaces) error {
	if keep, wanted := ctx.Value(storedKey{}).(*runtime.Object); wanted {
		*keep = a.GetObject()
	}
	return accepted
}

// storedKey is the context key of the pointer that receives the object as it would be stored.
type storedKey struct{}
