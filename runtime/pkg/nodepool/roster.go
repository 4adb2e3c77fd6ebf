package nodepool

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

const controlPlaneLabel = "node-role.kubernetes.io/control-plane"

// isControlPlane reports whether a node runs a control plane. No kubelet can write this label.
func isControlPlane(node *corev1.Node) bool {
	_, ok := node.Labels[controlPlaneLabel]
	return ok
}

// poolOf returns the name of the pool that a node belongs to, from the label that only the controller can write, or "" if
// the node belongs to none.
func poolOf(node *corev1.Node) string { return node.Labels[labels.ProtectedPool] }

// roster resolves which pools select a node. It ignores pools that are being deleted.
//
// Names come from an administrator. A registration label comes from the node itself, so it can only add the node to a
// pool, never remove it from one.
type roster struct {
	// byNodeName holds the names of the pools that list a node, by node name.
	byNodeName map[string][]string
	// registrationLabels holds the registration label of each pool that selects by one, by pool name.
	registrationLabels map[string]v1alpha1.RegistrationLabel
}

func newRoster(pools []v1alpha1.FleetNodePool) *roster {
	r := &roster{byNodeName: map[string][]string{}, registrationLabels: map[string]v1alpha1.RegistrationLabel{}}
	for i := range pools {
		pool := &pools[i]
		if pool.DeletionTimestamp != nil {
			continue
		}
		if label := pool.Spec.Selector.RegistrationLabel; label != nil {
			r.registrationLabels[pool.Name] = *label
		}
		for _, name := range pool.Spec.Selector.Names {
			r.byNodeName[name] = append(r.byNodeName[name], pool.Name)
		}
	}
	return r
}

// poolsSelecting returns the names of the pools that select a node. A node that several pools select is not changed.
func (r *roster) poolsSelecting(node *corev1.Node) []string {
	if pools := r.byNodeName[node.Name]; len(pools) > 0 {
		return pools
	}
	current := poolOf(node)
	if _, ok := r.registrationLabels[current]; ok {
		return []string{current}
	}
	var pools []string
	for pool, label := range r.registrationLabels {
		if value, ok := node.Labels[label.Key]; ok && value == label.Value {
			pools = append(pools, pool)
		}
	}
	slices.Sort(pools)
	return pools
}

// rosterCache builds a roster from the pools in the cluster and reuses it until a pool's spec changes.
type rosterCache struct {
	mutex sync.Mutex
	// version identifies the pools and generations that the roster was built from.
	version string
	roster  *roster
}

func (r *rosterCache) get(ctx context.Context, reader client.Reader) (*roster, error) {
	var pools v1alpha1.FleetNodePoolList
	if err := reader.List(ctx, &pools); err != nil {
		return nil, err
	}
	ids := make([]string, len(pools.Items))
	for i := range pools.Items {
		pool := &pools.Items[i]
		ids[i] = fmt.Sprintf("%s %d %t", pool.UID, pool.Generation, pool.DeletionTimestamp != nil)
	}
	slices.Sort(ids)
	version := strings.Join(ids, "\n")
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.roster == nil || r.version != version {
		r.version, r.roster = version, newRoster(pools.Items)
	}
	return r.roster, nil
}
