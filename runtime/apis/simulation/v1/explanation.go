package v1

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
