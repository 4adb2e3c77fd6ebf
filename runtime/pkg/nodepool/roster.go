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

const controlPlane = "node-role.kubernetes.io/control-plane"

// isServer tells whether a node runs a control plane. No kubelet can write this label.
func isServer(node *corev1.Node) bool {
	_, server := node.Labels[controlPlane]
	return server
}

// bound is the pool that a node belongs to, by the label that only the controller can write. Empty: none.
func bound(node *corev1.Node) string { return node.Labels[labels.ProtectedPool] }

// roster tells which pool a node belongs to. Pools that are being deleted have no nodes.
//
// A name in a pool is the word of an administrator. A registration label is the word of the node itself: it lets a node
// in once, and never out again.
type roster struct {
	// named are the pools that list a node, by the node's name.
	named map[string][]string
	// registering are the pools that take nodes by a registration label.
	registering map[string]v1alpha1.RegistrationLabel
}

func newRoster(pools []v1alpha1.FleetNodePool) *roster {
	r := &roster{named: map[string][]string{}, registering: map[string]v1alpha1.RegistrationLabel{}}
	for i := range pools {
		pool := &pools[i]
		if pool.DeletionTimestamp != nil {
			continue
		}
		if by := pool.Spec.Selector.RegistrationLabel; by != nil {
			r.registering[pool.Name] = *by
		}
		for _, name := range pool.Spec.Selector.Names {
			r.named[name] = append(r.named[name], pool.Name)
		}
	}
	return r
}

// claimants are the pools that claim a node. With more than one, it stays as it is.
func (r *roster) claimants(node *corev1.Node) []string {
	if naming := r.named[node.Name]; len(naming) > 0 {
		return naming
	}
	current := bound(node)
	if _, stays := r.registering[current]; stays {
		return []string{current}
	}
	var found []string
	for pool, by := range r.registering {
		if value, has := node.Labels[by.Key]; has && value == by.Value {
			found = append(found, pool)
		}
	}
	slices.Sort(found)
	return found
}

// rosters makes a roster when a pool's selector has changed, and else gives the last one out again.
type rosters struct {
	mutex  sync.Mutex
	of     string
	latest *roster
}

func (r *rosters) current(ctx context.Context, reader client.Reader) (*roster, error) {
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
	of := strings.Join(ids, "\n")
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.latest == nil || r.of != of {
		r.of, r.latest = of, newRoster(pools.Items)
	}
	return r.latest, nil
}
