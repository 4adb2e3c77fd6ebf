package v1

// Explanation of where one pod can run, in a cluster without that pod.
type Explanation struct {
	Of ObjectReference `json:"of"`
	// Error says why there is no explanation.
	Error string `json:"error,omitempty"`
	// Pod that was explained: the pod itself, or one of the workload, if possible one without a node. Absent for a
	// DaemonSet, whose pods are explained together, and for a workload without pods, of which one more pod is explained.
	Pod *PodKey `json:"pod,omitempty"`
	// Scheduler of the pod.
	Scheduler string `json:"scheduler,omitempty"`
	// Node that the pod has.
	Node string `json:"node,omitempty"`
	// Rejected are the nodes that cannot take the pod, grouped by verdict.
	Rejected []RejectedNodes `json:"rejected,omitempty"`
	// Scores of every node that can take it, the best first. Unlike the scheduler, this examines all nodes.
	Scores []NodeScore `json:"scores,omitempty"`
}

// RejectedNodes are nodes that the same plugins reject for the same reasons.
type RejectedNodes struct {
	// Verdicts of every plugin that rejects the nodes. The scheduler itself stops at the first.
	Verdicts []PluginVerdict `json:"verdicts"`
	Nodes    []string        `json:"nodes"`
	// Shortages of the resources that the nodes lack.
	Shortages []Shortage `json:"shortages,omitempty"`
}

// PluginVerdict is why a plugin rejects nodes.
type PluginVerdict struct {
	Plugin  string   `json:"plugin"`
	Reasons []string `json:"reasons"`
	// Remedies are the changes that, together, make the plugin accept one of the nodes. Empty if none is known.
	Remedies []string `json:"remedies,omitempty"`
}

// FitReport says how many more replicas fit.
type FitReport struct {
	Workloads []FitWorkload `json:"workloads"`
	Error     string        `json:"error,omitempty"`
	// Rounds that fit completely.
	Rounds int `json:"rounds"`
	// Partial is the number of pods that fit in the round that does not fit completely, by workload.
	Partial []int `json:"partial,omitempty"`
	// Limited is true if the search stopped at the limit.
	Limited bool `json:"limited,omitempty"`
	// Bottleneck is the workload of which the next pod does not fit.
	Bottleneck *ObjectReference `json:"bottleneck,omitempty"`
	// Message is the scheduler's about that pod.
	Message string `json:"message,omitempty"`
	// Rejected are the nodes, grouped by why they do not take that pod.
	Rejected []RejectedNodes `json:"rejected,omitempty"`
	// Nodes that took pods in complete rounds, with how many.
	Nodes map[string]int `json:"nodes,omitempty"`
}
