package machines

import (
	"encoding/json"
	"os"
	"testing"
)

func TestServersDecideAsSpecified(t *testing.T) {
	content, err := os.ReadFile("../../../../test/fixtures/server-starts.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		State startState `json:"state"`
		Step  startStep  `json:"step"`
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Fatalf("got %d cases, want all", len(cases))
	}
	for _, each := range cases {
		if got := decideStart(each.State, "birth"); got != each.Step {
			t.Errorf("%+v: got %+v, want %+v", each.State, got, each.Step)
		}
	}
}
