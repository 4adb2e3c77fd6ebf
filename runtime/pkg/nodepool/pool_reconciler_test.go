package nodepool

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

func TestControllerRemovesLabelsAndTaintsWhenNodeLeavesPool(t *testing.T) {
	changes := map[string]func(env *environment){
		"pool no longer names the node": func(env *environment) {
			env.updateSpec("racks", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Selector.Names = []string{"other"} })
		},
		"pool is deleted": func(env *environment) { env.must(env.client.Delete(context.Background(), env.pool("racks"))) },
		"pool no longer sets them": func(env *environment) {
			env.updateSpec("racks", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Labels, spec.Taints = nil, nil })
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			pool := newNamesPool("racks", "t-01")
			pool.Spec.Labels = map[string]v1alpha1.LabelValue{"example.com/rack": "7"}
			pool.Spec.Taints = []v1alpha1.Taint{iotTaint()}
			env := newEnvironment(t, pool, newNode("t-01", map[string]string{"example.com/rack": "1", "example.org/owner": "team"}))
			env.settle()
			if node := env.node("t-01"); node.Labels["example.com/rack"] != "7" || len(node.Spec.Taints) != 1 {
				t.Fatalf("pool not applied: got labels %v, taints %v", node.Labels, taintsOf(node))
			}
			change(env)
			env.settle()
			node := env.node("t-01")
			if _, ok := node.Labels["example.com/rack"]; ok || len(node.Spec.Taints) > 0 || node.Labels["example.org/owner"] != "team" {
				t.Errorf("got labels %v, taints %v", node.Labels, taintsOf(node))
			}
		})
	}
}

func TestControllerKeepsDeletedPoolUntilNodesAreReleased(t *testing.T) {
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), newNode("t-01", map[string]string{labels.NodePool: "guarded"}))
	env.settle()
	pool := env.pool("guarded")
	env.must(env.client.Delete(context.Background(), pool))
	env.reconcile(env.pools.Reconcile, "guarded")
	if env.pool("guarded").DeletionTimestamp == nil {
		t.Fatal("the pool has no deletion timestamp")
	}
	env.settle()
	if err := env.client.Get(context.Background(), client.ObjectKeyFromObject(pool), &v1alpha1.FleetNodePool{}); err == nil {
		t.Error("the pool still exists after its nodes were released")
	}
	// The node kept its registration label and joins a new pool of the same name.
	env.must(env.client.Create(context.Background(), newRegistrationPool("guarded", iotTaint())))
	env.settle()
	if node := env.node("t-01"); poolOf(node) != "guarded" || len(node.Spec.Taints) != 1 {
		t.Errorf("got pool %q, taints %v", poolOf(node), taintsOf(node))
	}
}

func TestControllerRecordsManagedKeysBeforeChangingNodes(t *testing.T) {
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), newNode("t-01", map[string]string{labels.NodePool: "guarded"}))
	env.reconcile(env.nodes.Reconcile, "t-01")
	if len(env.node("t-01").Spec.Taints) > 0 {
		t.Error("the node changed before the pool's status recorded its keys")
	}
	env.settle()
	managed := env.pool("guarded").Status.ManagedKeys
	if !slices.Equal(managed.Labels, []string{labels.NodePool}) || len(managed.Taints) != 1 {
		t.Errorf("got managed keys %+v", managed)
	}
}

func TestControllerPrunesManagedKeysAfterDelay(t *testing.T) {
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), newNode("t-01", map[string]string{labels.NodePool: "guarded"}))
	env.settle()
	env.updateSpec("guarded", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Taints = nil })
	env.settle()
	if len(env.pool("guarded").Status.ManagedKeys.Taints) != 1 {
		t.Fatal("pruned at once, although a request in flight may still set the taint")
	}
	env.pools.syncedSince["guarded"] = syncedSince{2, time.Now().Add(-pruneDelay)}
	env.settle()
	if taints := env.pool("guarded").Status.ManagedKeys.Taints; len(taints) > 0 {
		t.Errorf("got managed taints %v, want none", taints)
	}
	// The pool no longer manages a taint that an administrator adds now.
	env.updateNode("t-01", func(node *corev1.Node) {
		node.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "admin", Effect: corev1.TaintEffectNoSchedule}}
	})
	env.settle()
	if got := taintsOf(env.node("t-01")); len(got) != 1 {
		t.Errorf("got taints %v, want the administrator's", got)
	}
}

func TestControllerReportsProblemsInStatusAndEvents(t *testing.T) {
	server := newNode("server-01", map[string]string{controlPlaneLabel: "true"})
	invalid := newNamesPool("racks", "t-01")
	invalid.Spec.Taints = []v1alpha1.Taint{{Key: "node.kubernetes.io/memory-pressure", Effect: corev1.TaintEffectNoSchedule}}
	for reason, objects := range map[string][]client.Object{
		reasonInvalidSpec:          {invalid, newNode("t-01", nil)},
		reasonControlPlaneSelected: {newNamesPool("racks", "server-01"), server},
		reasonPoolConflict:         {newNamesPool("racks", "t-01"), newNamesPool("others", "t-01"), newNode("t-01", nil)},
	} {
		t.Run(reason, func(t *testing.T) {
			env := newEnvironment(t, objects...)
			env.settle()
			if got, message := env.syncedCondition("racks"); got != reason {
				t.Errorf("got reason %s, want %s; message: %s", got, reason, message)
			}
			if events := env.takeEvents(); !slices.ContainsFunc(events, func(event string) bool { return strings.HasPrefix(event, "Warning "+reason) }) {
				t.Errorf("got events %q, want one with reason %s", events, reason)
			}
			env.settle()
			if events := env.takeEvents(); len(events) > 0 {
				t.Errorf("recorded events again: %q", events)
			}
		})
	}
}

func TestControllerIgnoresHeartbeatsAndStatusCounts(t *testing.T) {
	heartbeat := newNode("t-01", map[string]string{"a": "b"})
	heartbeat.ResourceVersion = "2"
	before := newNode("t-01", map[string]string{"a": "b"})
	before.ResourceVersion = "1"
	if nodeChanged(event.UpdateEvent{ObjectOld: before, ObjectNew: heartbeat}) {
		t.Error("a heartbeat passes the node filter")
	}
	if !nodeChanged(event.UpdateEvent{ObjectOld: before, ObjectNew: before}) {
		t.Error("a resync does not pass the node filter")
	}
	updated := newNamesPool("racks", "t-01")
	updated.Status.Nodes = 7
	if poolChanged(event.UpdateEvent{ObjectOld: newNamesPool("racks", "t-01"), ObjectNew: updated}) {
		t.Error("a new node count passes the pool filter")
	}
	updated.Status.ManagedKeys.Labels = []string{"a"}
	if !poolChanged(event.UpdateEvent{ObjectOld: newNamesPool("racks", "t-01"), ObjectNew: updated}) {
		t.Error("new managed keys do not pass the pool filter")
	}
}

func TestControllerRecordsEventWhenItRestoresNode(t *testing.T) {
	env := newEnvironment(t, newRegistrationPool("guarded", iotTaint()), newNode("t-01", map[string]string{labels.NodePool: "guarded"}))
	env.settle()
	if events := env.takeEvents(); len(events) > 0 {
		t.Errorf("got events %q when the node joined, want none", events)
	}
	env.updateNode("t-01", func(node *corev1.Node) { node.Spec.Taints = nil })
	env.reconcile(env.nodes.Reconcile, "t-01")
	if events := env.takeEvents(); len(events) != 1 || !strings.Contains(events[0], reasonNodeUpdated) {
		t.Errorf("got events %q, want one with reason %s", events, reasonNodeUpdated)
	}
}
