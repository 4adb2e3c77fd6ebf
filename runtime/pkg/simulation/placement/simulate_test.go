package placement

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestADeploymentsPodsAreSpreadOverNodes(t *testing.T) {
	outcome := after(t, state([]json.RawMessage{node(t, "a", "tokyo", 4, 8), node(t, "b", "tokyo", 4, 8)}, deployment(t, "web", 4, "1")))
	expectCounts(t, perNode(outcome, "web"), "a:2 b:2")
	web := workloadOf(t, outcome, "web")
	if !web.Complete || web.Updated != 4 || web.Available != 4 {
		t.Errorf("%+v", web)
	}
	if len(outcome.Findings)+len(outcome.NotModelled) > 0 {
		t.Errorf("%v %v", outcome.Findings, outcome.NotModelled)
	}
}

func TestAnUnschedulablePodHasTheSchedulersReasonPerGroupOfNodes(t *testing.T) {
	tainted := `{taints: [{key: device-type, value: jetson, effect: NoSchedule}]}`
	outcome := after(t, state([]json.RawMessage{
		node(t, "a", "tokyo", 1, 8), node(t, "b", "tokyo", 2, 8), node(t, "c", "tokyo", 8, 8, tainted),
	}, deployment(t, "web", 3, "1500m")))
	expectCounts(t, perNode(outcome, "web"), ":2 b:1")
	if len(outcome.Unschedulable) != 1 {
		t.Fatalf("%d verdicts, want one for both pods: %+v", len(outcome.Unschedulable), outcome.Unschedulable)
	}
	verdict := outcome.Unschedulable[0]
	if !strings.HasPrefix(verdict.Message, "0/3 nodes are available: 1 node(s) had untolerated taint") {
		t.Error(verdict.Message)
	}
	if len(verdict.Groups) != 2 || strings.Join(verdict.Groups[0].Nodes, " ") != "a b" || verdict.Groups[0].Plugin != "NodeResourcesFit" || verdict.Groups[1].Plugin != "TaintToleration" {
		t.Errorf("%+v", verdict.Groups)
	}
	if len(verdict.Shortages) != 1 || verdict.Shortages[0].Requested != "1500m" || verdict.Shortages[0].LargestFree != "1" || verdict.Shortages[0].LargestAllocatable != "2" {
		t.Errorf("%+v", verdict.Shortages)
	}
	if web := workloadOf(t, outcome, "web"); web.Complete || !strings.Contains(web.Blocked, "Insufficient cpu") {
		t.Errorf("%+v", web)
	}
}
