package placement

import (
	corev1 "k8s.io/api/core/v1"
	nodetopology "k8s.io/component-helpers/node/topology"
	"k8s.io/utils/ptr"
)

// Figures of the node lifecycle controller of kube-controller-manager, by default.
const (
	// secondsPerNode is the inverse of --node-eviction-rate: one node of a zone after the other.
	secondsPerNode = 10
	// slowSecondsPerNode is the inverse of --secondary-node-eviction-rate, for a large zone that has lost most nodes.
	slowSecondsPerNode = 100
	// unhealthyShare is --unhealthy-zone-threshold: the share of a zone's nodes that makes its loss a partial disruption.
	unhealthyShare = 0.55
	// largeZone is --large-cluster-size-threshold: smaller zones do not evict in a partial disruption.
	largeZone = 50
)

// evictionTurns returns when the control plane starts to evict the pods of each lost node, in seconds after it has
// noticed the loss; nil is never. It evicts nothing if all zones are lost: it then takes itself to be cut off.
func evictionTurns(nodes, lost []*corev1.Node) map[string]*int64 {
	gone := map[string]bool{}
	for _, node := range lost {
		gone[node.Name] = true
	}
	total, silent := map[string]int{}, map[string]int{}
	for _, node := range nodes {
		zone := nodetopology.GetZoneKey(node)
		total[zone]++
		if gone[node.Name] || !ready(node) {
			silent[zone]++
		}
	}
	allLost := true
	for zone := range total {
		allLost = allLost && silent[zone] == total[zone]
	}
	turns := map[string]*int64{}
	position := map[string]int64{}
	for _, node := range lost {
		zone := nodetopology.GetZoneKey(node)
		pause := pauseOf(total[zone], silent[zone])
		if allLost || pause == 0 {
			continue
		}
		turns[node.Name] = ptr.To(position[zone] * pause)
		position[zone]++
	}
	return turns
}

// pauseOf returns the seconds between two nodes of a zone; 0 if it evicts nothing.
func pauseOf(total, silent int) int64 {
	partial := silent < total && silent > 2 && float64(silent)/float64(total) >= unhealthyShare
	switch {
	case !partial:
		return secondsPerNode
	case total > largeZone:
		return slowSecondsPerNode
	}
	return 0
}
