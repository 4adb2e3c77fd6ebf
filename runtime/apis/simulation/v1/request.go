// Package v1 is version 1 of what the placement simulator reads and writes.
package v1

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Version of the request and the report, and their kinds.
const (
	APIVersion  = "simulation.skerry.dev/v1"
	RequestKind = "SimulationRequest"
	ReportKind  = "SimulationReport"
)

// Request asks where the pods of one cluster run.
//
// With Before and After, it also asks what changes: pods of Before keep running unless After replaces them.
type Request struct {
	// APIVersion is "simulation.skerry.dev/v1".
	APIVersion string `json:"apiVersion"`
	// Kind is "SimulationRequest".
	Kind string `json:"kind"`
	// Cluster is the name of the cluster. The report repeats it.
	Cluster string `json:"cluster,omitempty"`
	// Before is the state from which a change starts. Without it, After starts in an empty cluster.
	Before *State `json:"before,omitempty"`
	// After is the state that is applied.
	After State `json:"after"`
	// Options of the simulation.
	Options Options `json:"options"`
}

// State of a cluster.
type State struct {
	// Nodes are Kubernetes Node objects. Their order is the order in which they joined.
	Nodes []json.RawMessage `json:"nodes"`
	// Objects are Kubernetes objects in the order in which they are created.
	Objects []json.RawMessage `json:"objects"`
	// SchedulerConfigurations are KubeSchedulerConfigurations in YAML, one per scheduler. A profile "default-scheduler"
	// with upstream's defaults is added if none of them has one.
	SchedulerConfigurations []string `json:"schedulerConfigurations,omitempty"`
	// RunningPods are Kubernetes Pod objects that have a node. Only Before may have them: they come from a snapshot of a
	// live cluster, and replace the simulation of Before. They are of the revision that the workloads in Objects have.
	RunningPods []json.RawMessage `json:"runningPods,omitempty"`
}

// Options of a simulation.
type Options struct {
	// Seed shuffles nodes with equal scores. 0 takes them in the order in which the scheduler examines them.
	Seed uint64 `json:"seed,omitempty"`
	// Now is the time at which the simulation starts. It decides which samples of NodeProfiles are fresh.
	// Defaults to 2026-01-01T00:00:00Z.
	Now *metav1.Time `json:"now,omitempty"`
	// RescheduleAll places every pod of After anew, as if the cluster were empty.
	RescheduleAll bool `json:"rescheduleAll,omitempty"`
	// Alternatives is the number of nodes, next to the chosen one, whose scores are reported for each pod. Defaults to 1.
	Alternatives *int `json:"alternatives,omitempty"`
	// Drills to run on Before and on After. None of them changes the state that the next one starts from.
	Drills []Drill `json:"drills,omitempty"`
	// Explain lists pods and workloads to explain in the state After.
	Explain []ObjectReference `json:"explain,omitempty"`
	// Fit asks how many more replicas fit in the state After.
	Fit []Fit `json:"fit,omitempty"`
}

// Drill is the loss of a region, a node or a link. Exactly one field must be set.
type Drill struct {
	// Region whose nodes all stop.
	Region string `json:"region,omitempty"`
	// Node that stops.
	Node string `json:"node,omitempty"`
	// Link that is cut, in both directions.
	Link *LinkReference `json:"link,omitempty"`
}

// LinkReference names the link between two regions.
type LinkReference struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// ObjectReference names an object in a namespace.
type ObjectReference struct {
	// Kind of the object: Pod or a kind of workload.
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// String returns Kind namespace/name.
func (r ObjectReference) String() string { return r.Kind + " " + r.Namespace + "/" + r.Name }

// Fit asks how many more replicas of a mix of workloads fit.
type Fit struct {
	// Workloads of the mix. One round adds Replicas pods of each.
	Workloads []FitWorkload `json:"workloads"`
	// Limit is the number of rounds after which the search stops. Defaults to 10,000.
	Limit int `json:"limit,omitempty"`
}

// FitWorkload is one workload of a mix.
type FitWorkload struct {
	ObjectReference `json:",inline"`
	// Replicas of one round. Defaults to 1.
	Replicas int `json:"replicas,omitempty"`
}

// PodKey identifies a pod.
type PodKey struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// KeyOf returns the key of a pod.
func KeyOf(pod *corev1.Pod) PodKey { return PodKey{Namespace: pod.Namespace, Name: pod.Name} }
