package v1

// DrillReport is the result of a drill.
type DrillReport struct {
	Drill Drill `json:"drill"`
	// Error says why the drill could not be run.
	Error string `json:"error,omitempty"`
	// Nodes that stop.
	Nodes []string `json:"nodes,omitempty"`
	// DetectionSeconds is how long the control plane takes to notice. Times in this report count from then on.
	DetectionSeconds int `json:"detectionSeconds,omitempty"`
	// ControlPlaneLost is true if too few servers are left. Pods keep running, and nothing is evicted, replaced or moved.
	ControlPlaneLost bool `json:"controlPlaneLost,omitempty"`
	// Displaced pods ran on the nodes that stop, in the order of their eviction.
	Displaced []DisplacedPod `json:"displaced,omitempty"`
	// Preempted pods ran elsewhere and made room.
	Preempted []RemovedPod `json:"preempted,omitempty"`
	// Volumes are claims whose data is on the nodes that stop, ordered by namespace and name.
	Volumes []LostVolume `json:"volumes,omitempty"`
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

// LostVolume is a claim whose volume can only be reached from nodes that stop.
type LostVolume struct {
	Namespace string `json:"namespace"`
	Claim     string `json:"claim"`
	Node      string `json:"node"`
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
	Namespace string           `json:"namespace"`
	Name      string           `json:"name"`
	Owner     *ObjectReference `json:"owner,omitempty"`
	Node      string           `json:"node"`
	Plugin    string           `json:"plugin"`
	Reasons   []string         `json:"reasons"`
}
