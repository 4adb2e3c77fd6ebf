package labels

// Location returns the region that round-trip times to a node are measured to, from its labels: its edge region or, for cloud
// nodes, its topology.kubernetes.io/region. It is empty if the node has neither.
func Location(node map[string]string) string {
	if region := node[EdgeRegion]; region != "" {
		return region
	}
	return node[TopologyRegion]
}
