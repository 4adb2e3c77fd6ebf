package nodepool

// Reasons of the condition Synced. Those of a problem are also reasons of events on the pool.
const (
	reasonNodesUpToDate        = "NodesUpToDate"
	reasonNodesOutOfDate       = "NodesOutOfDate"
	reasonInvalidSpec          = "InvalidSpec"
	reasonControlPlaneSelected = "ControlPlaneNodesSelected"
	// reasonPoolConflict is also the reason of an event on the node.
	reasonPoolConflict = "PoolConflict"
)

// Reasons of the condition NodesMissing.
const (
	reasonNodesMissing = "NodesMissing"
	reasonNodesPresent = "NodesPresent"
)

// Reasons of events on nodes.
const (
	reasonNodeUpdated    = "NodeUpdated"
	reasonNoMatchingPool = "NoMatchingPool"
)
