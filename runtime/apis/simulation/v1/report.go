package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Report answers a Request.
type Report struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Cluster    string `json:"cluster,omitempty"`
	// Kubernetes is the release whose scheduler ran.
	Kubernetes string      `json:"kubernetes"`
	Seed       uint64      `json:"seed"`
	Now        metav1.Time `json:"now"`
	// Before is the state from which the change starts.
	Before *Outcome `json:"before,omitempty"`
	// After is the state when nothing changes any more.
	After Outcome `json:"after"`
}

// Outcome is a state of the cluster in which nothing changes any more.
type Outcome struct {
	// Pods that exist, ordered by namespace and name.
	Pods []Pod `json:"pods"`
	// Removed are pods that ran before and do not exist any more, in the order of their removal.
	Removed []RemovedPod `json:"removed,omitempty"`
	// Workloads in the order of their objects.
	Workloads []Workload `json:"workloads"`
	// Nodes in the order in which they joined.
	Nodes []Node `json:"nodes"`
	// Unschedulable are the verdicts to which pods refer.
	Unschedulable []Unschedulable `json:"unschedulable,omitempty"`
	// Findings are problems of the input and of the outcome.
	Findings []Finding `json:"findings,omitempty"`
	// NotModelled is what the simulation ignores and a cluster does not.
	NotModelled []NotModelled `json:"notModelled,omitempty"`
	Drills      []DrillReport `json:"drills,omitempty"`
	// Explanations in the order of the request.
	Explanations []Explanation `json:"explanations,omitempty"`
	// Fits in the order of the request.
	Fits []FitReport `json:"fits,omitempty"`
}

// PodStatus says whether a pod has a node.
type PodStatus string

// The statuses.
const (
	// Placed pods have a node.
	Placed PodStatus = "Placed"
	// Pending pods are unschedulable.
	Pending PodStatus = "Unschedulable"
	// Gated pods have scheduling gates and wait until something removes these.
	Gated PodStatus = "Gated"
)

// Origin says how a pod came to be where it is.
type Origin string

// The origins.
const (
	// Kept pods run where they ran before.
	Kept Origin = "Kept"
	// Created pods are new.
	Created Origin = "Created"
	// WouldRun pods are those of a CronJob's next run. They take no room from other pods.
	WouldRun Origin = "WouldRun"
)

// Pod and its place.
type Pod struct {
	Namespace string           `json:"namespace"`
	Name      string           `json:"name"`
	Owner     *ObjectReference `json:"owner,omitempty"`
	// Revision is the hash of the template from which the pod was made.
	Revision  string    `json:"revision,omitempty"`
	Scheduler string    `json:"scheduler"`
	Priority  int32     `json:"priority,omitempty"`
	Status    PodStatus `json:"status"`
	Origin    Origin    `json:"origin"`
	Node      string    `json:"node,omitempty"`
	// Why is what the plugins say of the node.
	Why string `json:"why,omitempty"`
	// Score of the node. Absent if no other node was feasible, and for pods that were not scheduled here.
	Score *NodeScore `json:"score,omitempty"`
	// Alternatives are the next best nodes.
	Alternatives []NodeScore `json:"alternatives,omitempty"`
	// Ties are the other nodes with the score of the chosen one: the pod could be on any of them.
	Ties []string `json:"ties,omitempty"`
	// Feasible is the number of nodes among which the scheduler chose. In large clusters, it does not examine all nodes.
	Feasible int `json:"feasible,omitempty"`
	// Verdict is the index in Outcome.Unschedulable.
	Verdict *int `json:"verdict,omitempty"`
	// Nominated is the node where victims of preemption make room.
	Nominated string `json:"nominated,omitempty"`
}

// NodeScore is the weighted score of a node for a pod.
type NodeScore struct {
	Node    string        `json:"node"`
	Total   int64         `json:"total"`
	Plugins []PluginScore `json:"plugins,omitempty"`
}

// PluginScore is the weighted score of one plugin.
type PluginScore struct {
	Plugin string `json:"plugin"`
	Score  int64  `json:"score"`
}

// Reason why a pod was removed.
type Reason string

// The reasons.
const (
	// Replaced by a pod of the new revision.
	Replaced Reason = "Replaced"
	// ScaledDown because there are fewer replicas.
	ScaledDown Reason = "ScaledDown"
	// WorkloadDeleted with its workload.
	WorkloadDeleted Reason = "WorkloadDeleted"
	// NodeRemoved with its node.
	NodeRemoved Reason = "NodeRemoved"
	// Evicted by a taint with the effect NoExecute that the pod does not tolerate.
	Evicted Reason = "Evicted"
	// Preempted by a pod of higher priority.
	Preempted Reason = "Preempted"
	// NotEligible because a DaemonSet does not want a pod on this node any more.
	NotEligible Reason = "NotEligible"
)

// RemovedPod ran before.
type RemovedPod struct {
	Namespace string           `json:"namespace"`
	Name      string           `json:"name"`
	Owner     *ObjectReference `json:"owner,omitempty"`
	// Node on which it ran; empty if it was unschedulable.
	Node   string `json:"node,omitempty"`
	Reason Reason `json:"reason"`
	// By is the pod that preempted it.
	By *PodKey `json:"by,omitempty"`
}

// Workload and its rollout.
type Workload struct {
	ObjectReference `json:",inline"`
	// Desired number of pods.
	Desired int `json:"desired"`
	// Updated pods are of the current revision.
	Updated int `json:"updated"`
	// Available pods have a node. The simulation assumes that they become ready there.
	Available int `json:"available"`
	// Outdated pods are of an earlier revision.
	Outdated int `json:"outdated,omitempty"`
	// Complete is false if the rollout stops before its end.
	Complete bool `json:"complete"`
	// Blocked says why the rollout stops.
	Blocked string `json:"blocked,omitempty"`
	// Steps is the number of rounds in which pods were created or removed.
	Steps int `json:"steps,omitempty"`
}

// Node and what its pods request.
type Node struct {
	Name   string `json:"name"`
	Region string `json:"region,omitempty"`
	Pool   string `json:"pool,omitempty"`
	Ready  bool   `json:"ready"`
	Pods   int    `json:"pods"`
	// Requested and Allocatable quantities by resource.
	Requested   map[string]string `json:"requested,omitempty"`
	Allocatable map[string]string `json:"allocatable,omitempty"`
}

// Unschedulable is why pods have no node.
type Unschedulable struct {
	// Message is the scheduler's, as in the event FailedScheduling.
	Message string `json:"message"`
	// Groups of nodes with the same reason, the largest first.
	Groups []NodeGroup `json:"groups,omitempty"`
	// Shortages list the resources of which the pod requests more than any node has free.
	Shortages []Shortage `json:"shortages,omitempty"`
}

// NodeGroup is the nodes that one plugin rejected for the same reasons.
type NodeGroup struct {
	Plugin  string   `json:"plugin"`
	Reasons []string `json:"reasons"`
	Nodes   []string `json:"nodes"`
}

// Shortage of a resource.
type Shortage struct {
	Resource  string `json:"resource"`
	Requested string `json:"requested"`
	// LargestFree is the most that one of the nodes has free that lack the resource.
	LargestFree string `json:"largestFree"`
	// LargestAllocatable is the most that one of these nodes has in all.
	LargestAllocatable string `json:"largestAllocatable"`
}

// Severity of a finding.
type Severity string

// The severities.
const (
	// Error findings make the outcome differ from what a cluster would do with valid input.
	Error Severity = "Error"
	// Warning findings do not.
	Warning Severity = "Warning"
)

// Finding is a problem.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code names the kind of problem.
	Code string `json:"code"`
	// Object that has the problem: Kind namespace/name.
	Object string `json:"object,omitempty"`
	// Path in the request.
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
}

// NotModelled names something that the simulation ignores.
type NotModelled struct {
	// Object: Kind namespace/name.
	Object string `json:"object"`
	Reason string `json:"reason"`
}

// DrillReport is the result of a drill.
type DrillReport struct {
	Drill Drill `json:"drill"`
	// Error says why the drill could not be run.
	Error string `json:"error,omitempty"`
	// Nodes that stop.
	Nodes []string `json:"nodes,omitempty"`
	// DetectionSeconds is how long the control plane takes to notice. Times in this report count from then on.
	DetectionSeconds int `json:"detectionSeconds,omitempty"`
	// Displaced pods ran on the nodes that stop, in the order of their eviction.
	Displaced []DisplacedPod `json:"displaced,omitempty"`
	// Preempted pods ran elsewhere and made room.
	Preempted []RemovedPod `json:"preempted,omitempty"`
	// Workloads that lose pods.
	Workloads []DrillWorkload `json:"workloads,omitempty"`
	// Links whose round trip changes.
	Links []LinkChange `json:"links,omitempty"`
	// Violations are pods whose node would be refused now. They keep running.
	Violations []Violation `json:"violations,omitempty"`
	// Unschedulable are the verdicts to which displaced pods refer.
	Unschedulable []Unschedulable `json:"unschedulable,omitempty"`
}

// Fate of a displaced pod.
type Fate string

// The fates.
const (
	// Rescheduled pods have a successor on another node.
	Rescheduled Fate = "Rescheduled"
	// Unplaceable pods have a successor that no node takes.
	Unplaceable Fate = "Unplaceable"
	// Stuck pods have no successor until their node is back or its Node object is deleted: a StatefulSet never has two
	// pods of the same name.
	Stuck Fate = "Stuck"
	// Lost pods have no controller that would replace them.
	Lost Fate = "Lost"
	// Waiting pods tolerate the loss and wait for their node.
	Waiting Fate = "Waiting"
)

// DisplacedPod ran on a node that stops.
type DisplacedPod struct {
	Namespace string           `json:"namespace"`
	Name      string           `json:"name"`
	Owner     *ObjectReference `json:"owner,omitempty"`
	Node      string           `json:"node"`
	Fate      Fate             `json:"fate"`
	// AfterSeconds is when the pod is evicted, counted from the detection: the node's turn and the pod's toleration.
	AfterSeconds *int64 `json:"afterSeconds,omitempty"`
	// Successor that replaces it.
	Successor string `json:"successor,omitempty"`
	// To is the successor's node.
	To      string `json:"to,omitempty"`
	Verdict *int   `json:"verdict,omitempty"`
}

// DrillWorkload compares a workload before, during and after a drill.
type DrillWorkload struct {
	ObjectReference `json:",inline"`
	Desired         int `json:"desired"`
	// Before is the number of pods that run before the drill.
	Before int `json:"before"`
	// During is the number that keep running until the first eviction.
	During int `json:"during"`
	// After is the number that run when the successors have started.
	After int `json:"after"`
}

// LinkChange is the round trip between two regions before and after.
type LinkChange struct {
	From     string  `json:"from"`
	To       string  `json:"to"`
	BeforeMs float64 `json:"beforeMs"`
	AfterMs  float64 `json:"afterMs"`
	// Via is the region through which traffic goes now.
	Via string `json:"via,omitempty"`
}

// Violation is a running pod whose node would be refused.
type Violation struct {
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Node      string   `json:"node"`
	Plugin    string   `json:"plugin"`
	Reasons   []string `json:"reasons"`
}

// Explanation of where one pod can run, in a cluster without that pod.
type Explanation struct {
	Of ObjectReference `json:"of"`
	// Error says why there is no explanation.
	Error string `json:"error,omitempty"`
	// Pod that was explained: the pod itself, or the first one of the workload.
	Pod *PodKey `json:"pod,omitempty"`
	// Node that the pod has.
	Node string `json:"node,omitempty"`
	// Rejected are the nodes that cannot take the pod, grouped by verdict.
	Rejected []NodeGroup `json:"rejected,omitempty"`
	// Shortages of the nodes that lack resources.
	Shortages []Shortage `json:"shortages,omitempty"`
	// Scores of every node that can take it, the best first. Unlike the scheduler, this examines all nodes.
	Scores []NodeScore `json:"scores,omitempty"`
	// Changes says what would let the pod run elsewhere.
	Changes []string `json:"changes,omitempty"`
}

// FitReport says how many more replicas fit.
type FitReport struct {
	Workloads []FitWorkload `json:"workloads"`
	Error     string        `json:"error,omitempty"`
	// Rounds that fit completely.
	Rounds int `json:"rounds"`
	// Limited is true if the search stopped at the limit.
	Limited bool `json:"limited,omitempty"`
	// Bottleneck is the workload of which the next pod does not fit, and why.
	Bottleneck *ObjectReference `json:"bottleneck,omitempty"`
	Verdict    *Unschedulable   `json:"verdict,omitempty"`
	// Nodes that took pods, with how many.
	Nodes map[string]int `json:"nodes,omitempty"`
}
