// Package measuredlinks turns the round-trip times that nodes measure into links between regions.
//
// A node may lie, so no single report counts. A few nodes of each region measure, chosen by the controller. Both ends of a
// link measure it, and the medians of both must agree: nodes of one region cannot make it seem closer to another one, because
// the other region's nodes measure too. No measurement may be faster than light.
package measuredlinks

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/nodeagent/roundtrip"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

const (
	// nodesPerRegion measure: with three, one may lie or fail.
	nodesPerRegion = 3
	// maxSampleAge is the age of the latest sample up to which a node counts as alive.
	maxSampleAge = 5 * time.Minute
)

// selectNodes returns the nodes of each region that measure, sorted by region and then in order of preference. The
// preference depends only on the node's name, so few nodes change when others come and go.
func selectNodes(candidates []roundtrip.Node) []roundtrip.Node {
	sorted := slices.Clone(candidates)
	slices.SortFunc(sorted, func(a, b roundtrip.Node) int {
		hashA, hashB := sha256.Sum256([]byte(a.Name)), sha256.Sum256([]byte(b.Name))
		return cmp.Or(cmp.Compare(a.Region, b.Region), bytes.Compare(hashA[:], hashB[:]))
	})
	selected := []roundtrip.Node{}
	chosen := map[string]int{}
	for _, node := range sorted {
		if chosen[node.Region] < nodesPerRegion {
			chosen[node.Region]++
			selected = append(selected, node)
		}
	}
	return selected
}

// candidate returns the node as a candidate. It returns false unless the node is ready, in a region of the fleet, and
// publishes an address at which it can be probed. The region comes from labels that the node controller keeps.
func candidate(node *corev1.Node, profile *v1alpha1.NodeProfile, base *links.Matrix, now time.Time) (roundtrip.Node, bool) {
	region := labels.Location(node.Labels)
	address, err := netip.ParseAddrPort(profile.Status.ProbeAddress)
	if err != nil || address.Addr().IsUnspecified() || address.Addr().IsMulticast() || !base.HasRegion(region) || node.DeletionTimestamp != nil || !nodepool.IsReady(node) {
		return roundtrip.Node{}, false
	}
	alive := slices.ContainsFunc(profile.Status.Samples, func(sample v1alpha1.Sample) bool {
		return now.Sub(sample.Time.Time).Abs() <= maxSampleAge
	})
	return roundtrip.Node{Name: node.Name, Region: region, Address: address.String()}, alive
}
