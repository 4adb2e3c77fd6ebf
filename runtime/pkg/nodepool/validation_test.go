package nodepool

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
)

// The cases are shared with the fleet parser, the policy rule and the CustomResourceDefinition.
func TestValidatePoolMatchesSharedCases(t *testing.T) {
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
	for _, test := range cases {
		t.Run(test.Name, func(t *testing.T) {
			pool := newPool("racks", test.Spec.Labels, test.Spec.Taints...)
			var paths []string
			for _, err := range validatePool(pool) {
				paths = append(paths, strings.ReplaceAll(err.Field, "labels[tier]", "labels.tier"))
			}
			want := ""
			if test.Refused != "" {
				want = "spec." + test.Refused
			}
			if got := strings.Join(paths, " "); got != want {
				t.Errorf("got errors at %q, want %q", got, want)
			}
		})
	}
	if validatePool(newPool(strings.Repeat("a", 64), nil)) == nil {
		t.Error("accepted a name of 64 characters, want an error")
	}
}
