package placement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/scheduler/apis/config"
	"k8s.io/utils/ptr"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/admission"
)

// input is a State with its objects decoded and defaulted.
type input struct {
	nodes    []*corev1.Node
	configs  []*config.KubeSchedulerConfiguration
	profiles []*v1alpha1.NodeProfile
	// stored objects are those that schedulers read.
	stored []runtime.Object
	// workloads in the order of their objects, the runs of CronJobs last.
	workloads []*declared
	running   []*corev1.Pod
	// configMaps by namespace and name, for the files that plugins read.
	configMaps []*corev1.ConfigMap
	admission  admission.Context

	findings    []simulationv1.Finding
	notModelled []simulationv1.NotModelled
}

// declared is a workload as its object states it.
type declared struct {
	ref    simulationv1.ObjectReference
	object runtime.Object
	owners []simulationv1.ObjectReference
}

var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// read decodes a state. Problems of a single object are findings: the object is left out. It returns an error where no
// result would mean anything.
func read(state *simulationv1.State, path string) (*input, error) {
	in := &input{}
	in.readNodes(state.Nodes, path+".nodes")
	seen := map[string]string{}
	for i, raw := range state.Objects {
		in.readObject(raw, fmt.Sprintf("%s.objects[%d]", path, i), seen)
	}
	for i, raw := range state.RunningPods {
		in.readRunning(raw, fmt.Sprintf("%s.runningPods[%d]", path, i))
	}
	in.addDefaults()
	in.dropCycles()
	return in, in.readConfigurations(state.SchedulerConfigurations, path+".schedulerConfigurations")
}

func (in *input) problem(severity simulationv1.Severity, code, object, path, format string, args ...any) {
	in.findings = append(in.findings, simulationv1.Finding{
		Severity: severity, Code: code, Object: object, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

func (in *input) ignore(object, reason string) {
	in.notModelled = append(in.notModelled, simulationv1.NotModelled{Object: object, Reason: reason})
}

// decode reads an object of a kind that Kubernetes defines. It returns nil if it cannot.
func (in *input) decode(raw json.RawMessage, path, what string) runtime.Object {
	object, _, err := strict.Decode(raw, nil, nil)
	if err != nil && !(runtime.IsStrictDecodingError(err) && object != nil) {
		in.problem(simulationv1.Error, "InvalidObject", what, path, "%v", err)
		return nil
	}
	if err != nil {
		in.problem(simulationv1.Warning, "UnknownField", what, path, "%v", err)
	}
	legacyscheme.Scheme.Default(object)
	return object
}

// head of an object, whatever its kind.
type head struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"metadata"`
}

func (h *head) String() string {
	if h.Metadata.Namespace == "" {
		return h.Kind + " " + h.Metadata.Name
	}
	return h.Kind + " " + h.Metadata.Namespace + "/" + h.Metadata.Name
}

func (in *input) readObject(raw json.RawMessage, path string, seen map[string]string) {
	var at head
	if err := json.Unmarshal(raw, &at); err != nil || at.Kind == "" {
		in.problem(simulationv1.Error, "InvalidObject", "", path, "must be a Kubernetes object with apiVersion, kind and metadata")
		return
	}
	key := at.APIVersion + " " + at.String()
	if first, twice := seen[key]; twice {
		in.problem(simulationv1.Error, "DuplicateObject", at.String(), path, "is the same object as %s; only the first counts", first)
		return
	}
	seen[key] = path
	handler := handlers[at.APIVersion+"/"+at.Kind]
	switch {
	case handler != nil:
		handler(in, raw, path, &at)
	case irrelevant(&at):
	case unmodelled[at.Kind] != "":
		in.ignore(at.String(), unmodelled[at.Kind])
	case at.APIVersion != "" && legacyscheme.Scheme.Recognizes(groupVersionKind(&at)):
		in.ignore(at.String(), fmt.Sprintf("objects of %s are not modelled", at.APIVersion))
	default:
		in.ignore(at.String(), fmt.Sprintf("kind %s of %s is unknown: its controller is not modelled", at.Kind, at.APIVersion))
	}
}

func (in *input) readRunning(raw json.RawMessage, path string) {
	object := in.decode(raw, path, "")
	if object == nil {
		return
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		in.problem(simulationv1.Error, "InvalidObject", "", path, "must be a Pod, got %T", object)
		return
	}
	if pod.Namespace == "" {
		pod.Namespace = corev1.NamespaceDefault
	}
	switch {
	case pod.Spec.NodeName == "":
		in.problem(simulationv1.Warning, "PodWithoutNode", nameOf("Pod", pod), path, "has no node: its controller creates it anew")
		return
	case pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed || pod.DeletionTimestamp != nil:
		return
	}
	in.running = append(in.running, pod)
}

// prepare sets the namespace and the UID that an API server would set.
func prepare(object runtime.Object, kind string, namespaced bool) metav1.Object {
	accessor, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	if namespaced && accessor.GetNamespace() == "" {
		accessor.SetNamespace(corev1.NamespaceDefault)
	}
	if accessor.GetUID() == "" {
		accessor.SetUID(uidOf(kind, accessor.GetNamespace(), accessor.GetName()))
	}
	return accessor
}

type named interface {
	GetNamespace() string
	GetName() string
}

func nameOf(kind string, object named) string {
	if object.GetNamespace() == "" {
		return kind + " " + object.GetName()
	}
	return kind + " " + object.GetNamespace() + "/" + object.GetName()
}

func reference(kind string, object named) simulationv1.ObjectReference {
	return simulationv1.ObjectReference{Kind: kind, Namespace: object.GetNamespace(), Name: object.GetName()}
}

func isController(controller *bool) bool { return ptr.Deref(controller, false) }

// uidOf returns a UID that follows from what it identifies, in the form of a label's value, as UIDs are used there.
func uidOf(parts ...string) types.UID {
	digest := sha256.Sum256([]byte(strings.Join(parts, "/")))
	return types.UID(hex.EncodeToString(digest[:16]))
}
