package placement

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

// controlPlaneRole is the label of K3s servers.
const controlPlaneRole = "node-role.kubernetes.io/control-plane"

// losesControlPlane reports whether the servers that are left are no majority, which etcd needs. A cluster without any
// server among its nodes has its control plane elsewhere.
func losesControlPlane(nodes, lost []*corev1.Node) bool {
	servers, left := 0, 0
	for _, node := range nodes {
		if _, server := node.Labels[controlPlaneRole]; !server {
			continue
		}
		servers++
		if !slices.Contains(lost, node) && ready(node) {
			left++
		}
	}
	return servers > 0 && left <= servers/2
}

// volumesOf returns the claims whose volumes can only be reached from lost nodes.
func (c *cluster) volumesOf(lost []*corev1.Node) []simulationv1.LostVolume {
	gone := map[string]bool{}
	for _, node := range lost {
		gone[node.Name] = true
	}
	var volumes []simulationv1.LostVolume
	for _, claim := range store.List[*corev1.PersistentVolumeClaim](c.store) {
		volume, exists := store.Get(c.store, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: claim.Spec.VolumeName}})
		if !exists {
			continue
		}
		hosts := hostsOf(volume)
		if len(hosts) == 0 || slices.ContainsFunc(hosts, func(host string) bool { return !gone[host] }) {
			continue
		}
		volumes = append(volumes, simulationv1.LostVolume{Namespace: claim.Namespace, Claim: claim.Name, Node: hosts[0]})
	}
	slices.SortFunc(volumes, func(one, other simulationv1.LostVolume) int {
		return cmp.Or(cmp.Compare(one.Namespace, other.Namespace), cmp.Compare(one.Claim, other.Claim))
	})
	return volumes
}
