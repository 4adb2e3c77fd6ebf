package nodepool

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// The cases are shared with the fleet's parser, the policy rule and the custom resource definition: they agree.
func TestPoolsAreRefusedAsTheFixtureSays(t *testing.T) {
	raw, err := os.ReadFile("../../../test/fixtures/node-pools.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name    string
		Refused string
		Spec    v1alpha1.FleetNodePoolSpec
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, each := range cases {
		t.Run(each.Name, func(t *testing.T) {
			pool := stating("racks", each.Spec.Labels, each.Spec.Taints...)
			var paths []string
			for _, problem := range problems(pool) {
				paths = append(paths, strings.ReplaceAll(problem.Field, "labels[tier]", "labels.tier"))
			}
			want := ""
			if each.Refused != "" {
				want = "spec." + each.Refused
			}
			if got := strings.Join(paths, " "); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	if problems(stating(strings.Repeat("a", 64), nil)) == nil {
		t.Error("a name that is too long for a label was taken")
	}
}
