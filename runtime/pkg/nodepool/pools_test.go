package nodepool

import (
	"context"
	"fmt"
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

func TestALabelThatAPoolOverwroteGoesWithThePool(t *testing.T) {
	leave := map[string]func(w *world){
		"the pool no longer names the node": func(w *world) {
			w.restate("racks", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Selector.Names = []string{"other"} })
		},
		"the pool is deleted": func(w *world) { w.must(w.client.Delete(context.Background(), w.pool("racks"))) },
		"the pool no longer states it": func(w *world) {
			w.restate("racks", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Labels, spec.Taints = nil, nil })
		},
	}
	for how, leaves := range leave {
		t.Run(how, func(t *testing.T) {
			pool := naming("racks", "t-01")
			pool.Spec.Labels = map[string]v1alpha1.LabelValue{"example.com/rack": "7"}
			pool.Spec.Taints = []v1alpha1.Taint{iot()}
			w := newWorld(t, pool, machine("t-01", map[string]string{"example.com/rack": "1", "theirs": "stays"}))
			w.settle()
			if node := w.node("t-01"); node.Labels["example.com/rack"] != "7" || len(node.Spec.Taints) != 1 {
				t.Fatalf("not applied: %v %v", node.Labels, taintsOf(node))
			}
			leaves(w)
			w.settle()
			node := w.node("t-01")
			if _, still := node.Labels["example.com/rack"]; still || len(node.Spec.Taints) > 0 || node.Labels["theirs"] != "stays" {
				t.Errorf("labels %v, taints %v", node.Labels, taintsOf(node))
			}
		})
	}
}

func TestADeletedPoolStaysUntilItsNodesAreReleased(t *testing.T) {
	w := newWorld(t, registering("guarded", iot()), machine("t-01", map[string]string{labels.NodePool: "guarded"}))
	w.settle()
	pool := w.pool("guarded")
	w.must(w.client.Delete(context.Background(), pool))
	w.reconcile(w.pools.Reconcile, "guarded")
	if w.pool("guarded").DeletionTimestamp == nil {
		t.Fatal("not being deleted")
	}
	w.settle()
	if err := w.client.Get(context.Background(), client.ObjectKeyFromObject(pool), &v1alpha1.FleetNodePool{}); err == nil {
		t.Error("the pool is still there")
	}
	// A pool of the same name takes the node again: the label by which it registered is still there.
	w.must(w.client.Create(context.Background(), registering("guarded", iot())))
	w.settle()
	if node := w.node("t-01"); bound(node) != "guarded" || len(node.Spec.Taints) != 1 {
		t.Errorf("bound to %q, taints %v", bound(node), taintsOf(node))
	}
}

func TestTheRecordIsWrittenBeforeANodeIsChanged(t *testing.T) {
	w := newWorld(t, registering("guarded", iot()), machine("t-01", map[string]string{labels.NodePool: "guarded"}))
	w.reconcile(w.nodes.Reconcile, "t-01")
	if len(w.node("t-01").Spec.Taints) > 0 {
		t.Error("the node was changed before the record")
	}
	w.settle()
	applied := w.pool("guarded").Status.Applied
	if !slices.Equal(applied.Labels, []string{labels.NodePool}) || len(applied.Taints) != 1 {
		t.Errorf("recorded: %+v", applied)
	}
}

func TestTheRecordShrinksOnceNodesHaveBeenAsStatedForAWhile(t *testing.T) {
	w := newWorld(t, registering("guarded", iot()), machine("t-01", map[string]string{labels.NodePool: "guarded"}))
	w.settle()
	w.restate("guarded", func(spec *v1alpha1.FleetNodePoolSpec) { spec.Taints = nil })
	w.settle()
	if len(w.pool("guarded").Status.Applied.Taints) != 1 {
		t.Fatal("forgotten at once: a request that is under way may still set the taint")
	}
	w.pools.quiet["guarded"] = quiet{2, time.Now().Add(-forgetAfter)}
	w.settle()
	if left := w.pool("guarded").Status.Applied.Taints; len(left) > 0 {
		t.Errorf("still recorded: %v", left)
	}
	// What an administrator puts there from now on is theirs.
	w.change("t-01", func(node *corev1.Node) {
		node.Spec.Taints = []corev1.Taint{{Key: "dedicated", Value: "theirs", Effect: corev1.TaintEffectNoSchedule}}
	})
	w.settle()
	if got := taintsOf(w.node("t-01")); len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestProblemsAreReportedInStatusAndEvents(t *testing.T) {
	server := machine("server-01", map[string]string{controlPlane: "true"})
	invalid := naming("racks", "t-01")
	invalid.Spec.Taints = []v1alpha1.Taint{{Key: "node.kubernetes.io/memory-pressure", Effect: corev1.TaintEffectNoSchedule}}
	for reason, objects := range map[string][]client.Object{
		"Invalid":        {invalid, machine("t-01", nil)},
		"ServersClaimed": {naming("racks", "server-01"), server},
		"ClaimedTwice":   {naming("racks", "t-01"), naming("others", "t-01"), machine("t-01", nil)},
	} {
		t.Run(reason, func(t *testing.T) {
			w := newWorld(t, objects...)
			w.settle()
			if got, message := w.synced("racks"); got != reason {
				t.Errorf("got %s: %s", got, message)
			}
			if !slices.ContainsFunc(w.told(), func(event string) bool { return strings.HasPrefix(event, "Warning "+reason) }) {
				t.Error("no event")
			}
			again := w.told()
			w.settle()
			if again = w.told(); len(again) > 0 {
				t.Errorf("told again: %v", again)
			}
		})
	}
}

// told takes the events that were made.
func (w *world) told() []string {
	var all []string
	for {
		select {
		case event := <-w.events.Events:
			all = append(all, event)
		default:
			return all
		}
	}
}

func TestMessagesAreBounded(t *testing.T) {
	names := make([]string, 3000)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%04d", strings.Repeat("n", 200), i)
	}
	pool := naming("racks", names...)
	pool.Spec.Labels = map[string]v1alpha1.LabelValue{}
	for i := range 64 {
		pool.Spec.Labels[fmt.Sprintf("%s/%d", strings.Repeat("k", 250), i)] = "no label value"
	}
	w := newWorld(t, pool)
	w.settle()
	for _, condition := range w.pool("racks").Status.Conditions {
		if len(condition.Message) > 1024 || !strings.Contains(condition.Message, " more") {
			t.Errorf("%s has %d bytes: %.80s", condition.Type, len(condition.Message), condition.Message)
		}
	}
	if got := list([]string{strings.Repeat("é", 3000), "b"}, ", "); len(got) > 1024 || !strings.HasSuffix(got, "é… and 1 more") {
		t.Errorf("%d bytes", len(got))
	}
	if got := list([]string{"a", "b"}, ", "); got != "a, b" {
		t.Errorf("got %q", got)
	}
}

func TestOnlyWhatConcernsAPoolIsLookedAtAgain(t *testing.T) {
	heartbeat := machine("t-01", map[string]string{"a": "b"})
	heartbeat.ResourceVersion = "2"
	before := machine("t-01", map[string]string{"a": "b"})
	before.ResourceVersion = "1"
	if nodeChanged(event.UpdateEvent{ObjectOld: before, ObjectNew: heartbeat}) {
		t.Error("a heartbeat is a change")
	}
	if !nodeChanged(event.UpdateEvent{ObjectOld: before, ObjectNew: before}) {
		t.Error("a resync is no change")
	}
	counted := naming("racks", "t-01")
	counted.Status.Nodes = 7
	if poolChanged(event.UpdateEvent{ObjectOld: naming("racks", "t-01"), ObjectNew: counted}) {
		t.Error("a pool's count is a change of the pool")
	}
	counted.Status.Applied.Labels = []string{"a"}
	if !poolChanged(event.UpdateEvent{ObjectOld: naming("racks", "t-01"), ObjectNew: counted}) {
		t.Error("a pool's record is no change")
	}
}

func TestCorrectionsOfOneNodeAreEvents(t *testing.T) {
	w := newWorld(t, registering("guarded", iot()), machine("t-01", map[string]string{labels.NodePool: "guarded"}))
	w.settle()
	if events := w.told(); len(events) > 0 {
		t.Errorf("joining made events: %v", events)
	}
	w.change("t-01", func(node *corev1.Node) { node.Spec.Taints = nil })
	w.reconcile(w.nodes.Reconcile, "t-01")
	if events := w.told(); len(events) != 1 || !strings.Contains(events[0], "PutRight") {
		t.Errorf("got %v", events)
	}
}
