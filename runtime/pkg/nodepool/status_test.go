package nodepool

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
)

func TestStatusReportsMissingNodes(t *testing.T) {
	counted := newRegistrationPool("racks")
	counted.Spec.Count = ptr.To[int32](3)
	registered := newNode("t-01", map[string]string{labels.NodePool: "racks"})
	for name, test := range map[string]struct {
		pool    *v1alpha1.FleetNodePool
		message string
	}{
		"names": {newNamesPool("racks", "t-01", "t-02", "t-03"), "nodes not found: t-02, t-03"},
		"count": {counted, "1 of 3 nodes exist"},
	} {
		t.Run(name, func(t *testing.T) {
			env := newEnvironment(t, test.pool, registered)
			env.settle()
			condition := meta.FindStatusCondition(env.pool("racks").Status.Conditions, v1alpha1.NodesMissing)
			if condition.Status != "True" || condition.Reason != reasonNodesMissing || condition.Message != test.message {
				t.Errorf("got %s %s: %q, want True %s: %q", condition.Status, condition.Reason, condition.Message, reasonNodesMissing, test.message)
			}
		})
	}
}

func TestControllerWarnsOnceAboutNodeWithoutPool(t *testing.T) {
	env := newEnvironment(t, newNode("t-01", nil))
	env.settle()
	env.settle()
	want := func(event string) bool { return strings.HasPrefix(event, "Warning "+reasonNoMatchingPool) }
	if events := env.takeEvents(); len(events) != 1 || !slices.ContainsFunc(events, want) {
		t.Errorf("got events %q, want one with reason %s", events, reasonNoMatchingPool)
	}
}
