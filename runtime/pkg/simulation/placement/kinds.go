package placement

import (
	"encoding/json"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

type handler func(in *input, raw json.RawMessage, path string, at *head)

// handlers of the kinds that decide where pods run, by apiVersion/kind.
var handlers map[string]handler

func init() {
	handlers = map[string]handler{
		"apps/v1/Deployment":                 workloadKind("Deployment"),
		"apps/v1/StatefulSet":                workloadKind("StatefulSet"),
		"apps/v1/DaemonSet":                  workloadKind("DaemonSet"),
		"apps/v1/ReplicaSet":                 workloadKind("ReplicaSet"),
		"batch/v1/Job":                       workloadKind("Job"),
		"batch/v1/CronJob":                   workloadKind("CronJob"),
		"v1/Pod":                             workloadKind("Pod"),
		"v1/Node":                            misplacedNode,
		"v1/Namespace":                       storedKind("Namespace", false),
		"v1/Service":                         storedKind("Service", true),
		"v1/PersistentVolume":                storedKind("PersistentVolume", false),
		"v1/PersistentVolumeClaim":           storedKind("PersistentVolumeClaim", true),
		"storage.k8s.io/v1/StorageClass":     storedKind("StorageClass", false),
		"storage.k8s.io/v1/CSIDriver":        storedKind("CSIDriver", false),
		"storage.k8s.io/v1/CSINode":          storedKind("CSINode", false),
		"policy/v1/PodDisruptionBudget":      storedKind("PodDisruptionBudget", true),
		"v1/LimitRange":                      contextKind("LimitRange"),
		"v1/ConfigMap":                       contextKind("ConfigMap"),
		"scheduling.k8s.io/v1/PriorityClass": contextKind("PriorityClass"),
		"skerry.dev/v1alpha1/NodeProfile":    nodeProfile,
		"v1/List":                            listKind,
	}
}

// unmodelled kinds change where pods run in a cluster, by kind, with the reason that the report gives.
var unmodelled = map[string]string{
	"HorizontalPodAutoscaler":        "autoscalers are not modelled: the workload keeps the replicas that its object states",
	"VerticalPodAutoscaler":          "autoscalers are not modelled: pods request what their templates state",
	"ScaledObject":                   "autoscalers are not modelled: the workload keeps the replicas that its object states",
	"NodePool":                       "node autoscalers are not modelled: the cluster keeps the nodes of the request",
	"NodeClaim":                      "node autoscalers are not modelled: the cluster keeps the nodes of the request",
	"MutatingWebhookConfiguration":   "external admission webhooks are not modelled: they may change or refuse pods",
	"ValidatingWebhookConfiguration": "external admission webhooks are not modelled: they may refuse pods",
	"MutatingAdmissionPolicy":        "mutating admission policies are not modelled: they may change pods",
	"ResourceQuota":                  "quotas are not modelled: they may refuse pods",
	"ReplicationController":          "replication controllers are not modelled: their pods are missing",
	"RuntimeClass":                   "runtime classes are not modelled: pods lack their overhead and node selector",
	"PodGroup":                       "pod groups are not modelled: pods are scheduled one by one",
	"ResourceClaimTemplate":          "dynamic resource allocation is not modelled",
	"ResourceClaim":                  "dynamic resource allocation is not modelled",
	"Rollout":                        "the controller of this kind is not modelled: its pods are missing",
}

// irrelevant kinds have no influence on where pods run.
func irrelevant(at *head) bool {
	group := groupVersionKind(at).Group
	switch group {
	case "rbac.authorization.k8s.io", "networking.k8s.io", "apiextensions.k8s.io", "coordination.k8s.io", "discovery.k8s.io",
		"events.k8s.io", "gateway.networking.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io":
		return true
	}
	switch at.Kind {
	case "Secret", "ServiceAccount", "Endpoints", "Event", "ControllerRevision", "PodTemplate",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "FleetNodePool":
		return true
	}
	return false
}

func groupVersionKind(at *head) schema.GroupVersionKind {
	return schema.FromAPIVersionAndKind(at.APIVersion, at.Kind)
}

func storedKind(kind string, namespaced bool) handler {
	return func(in *input, raw json.RawMessage, path string, at *head) {
		if object := in.decode(raw, path, at.String()); object != nil {
			prepare(object, kind, namespaced)
			in.stored = append(in.stored, object)
		}
	}
}

func contextKind(kind string) handler {
	return func(in *input, raw json.RawMessage, path string, at *head) {
		object := in.decode(raw, path, at.String())
		if object == nil {
			return
		}
		prepare(object, kind, kind != "PriorityClass")
		switch typed := object.(type) {
		case *corev1.LimitRange:
			in.admission.LimitRanges = append(in.admission.LimitRanges, typed)
		case *corev1.ConfigMap:
			in.configMaps = append(in.configMaps, typed)
		case *schedulingv1.PriorityClass:
			in.admission.PriorityClasses = append(in.admission.PriorityClasses, typed)
		}
	}
}

func workloadKind(kind string) handler {
	return func(in *input, raw json.RawMessage, path string, at *head) {
		object := in.decode(raw, path, at.String())
		if object == nil {
			return
		}
		accessor := prepare(object, kind, true)
		made := &declared{ref: reference(kind, accessor), object: object}
		for _, owner := range accessor.GetOwnerReferences() {
			if isController(owner.Controller) {
				made.owners = append(made.owners, simulationv1.ObjectReference{Kind: owner.Kind, Namespace: accessor.GetNamespace(), Name: owner.Name})
			}
		}
		in.workloads = append(in.workloads, made)
	}
}

func misplacedNode(in *input, _ json.RawMessage, path string, at *head) {
	in.problem(simulationv1.Error, "MisplacedNode", at.String(), path, "must be in nodes, not in objects")
}

func nodeProfile(in *input, raw json.RawMessage, path string, at *head) {
	profile := &v1alpha1.NodeProfile{}
	if err := json.Unmarshal(raw, profile); err != nil {
		in.problem(simulationv1.Error, "InvalidObject", at.String(), path, "%v", err)
		return
	}
	in.profiles = append(in.profiles, profile)
}

func listKind(in *input, raw json.RawMessage, path string, at *head) {
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		in.problem(simulationv1.Error, "InvalidObject", at.String(), path, "%v", err)
		return
	}
	seen := map[string]string{}
	for i, item := range list.Items {
		in.readObject(item, path+".items["+strconv.Itoa(i)+"]", seen)
	}
}

// templateOf returns the pod template of a workload.
func templateOf(object runtime.Object) *corev1.PodTemplateSpec {
	switch typed := object.(type) {
	case *appsv1.Deployment:
		return &typed.Spec.Template
	case *appsv1.StatefulSet:
		return &typed.Spec.Template
	case *appsv1.DaemonSet:
		return &typed.Spec.Template
	case *appsv1.ReplicaSet:
		return &typed.Spec.Template
	case *batchv1.Job:
		return &typed.Spec.Template
	case *batchv1.CronJob:
		return &typed.Spec.JobTemplate.Spec.Template
	case *corev1.Pod:
		return &corev1.PodTemplateSpec{ObjectMeta: typed.ObjectMeta, Spec: typed.Spec}
	}
	panic("no workload")
}
