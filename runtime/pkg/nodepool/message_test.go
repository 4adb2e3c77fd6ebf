package nodepool

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

func TestJoinLimited(t *testing.T) {
	if got := joinLimited([]string{strings.Repeat("é", 3000), "b"}, ", "); len(got) > 1024 || !strings.HasSuffix(got, "é… and 1 more") {
		t.Errorf("got %d bytes: %.80s", len(got), got)
	}
	if got := joinLimited([]string{"a", "b"}, ", "); got != "a, b" {
		t.Errorf("got %q", got)
	}
}

func TestConditionMessagesAreLimited(t *testing.T) {
	names := make([]string, 3000)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%04d", strings.Repeat("n", 200), i)
	}
	pool := newNamesPool("racks", names...)
	pool.Spec.Labels = map[string]v1alpha1.LabelValue{}
	for i := range 64 {
		pool.Spec.Labels[fmt.Sprintf("%s/%d", strings.Repeat("k", 250), i)] = "no label value"
	}
	env := newEnvironment(t, pool)
	env.settle()
	for _, condition := range env.pool("racks").Status.Conditions {
		if len(condition.Message) > 1024 || !strings.Contains(condition.Message, " more") {
			t.Errorf("condition %s: got a message of %d bytes: %.80s", condition.Type, len(condition.Message), condition.Message)
		}
	}
}
