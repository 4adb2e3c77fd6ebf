package placement

import (
	"encoding/json"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// nodes of 4 cores, one in each place.
func nodes(t testing.TB, names string) []json.RawMessage {
	var list []json.RawMessage
	for name := range strings.FieldsSeq(names) {
		list = append(list, node(t, name, "tokyo", 4, 8))
	}
	return list
}

func origins(outcome *simulationv1.Outcome, workload string) map[string]int {
	counts := map[string]int{}
	for _, pod := range outcome.Pods {
		if pod.Owner != nil && pod.Owner.Name == workload {
			counts[string(pod.Origin)]++
		}
	}
	return counts
}

func reasons(outcome *simulationv1.Outcome) map[string]int {
	counts := map[string]int{}
	for _, pod := range outcome.Removed {
		counts[string(pod.Reason)]++
	}
	return counts
}

func TestAChangeMovesOnlyThePodsThatItReplaces(t *testing.T) {
	web := deployment(t, "web", 4, "1")
	for name, each := range map[string]struct {
		after            simulationv1.State
		origins, removed string
		where            string
	}{
		"nothing": {state(nodes(t, "a b"), web), "Kept:4", "", "a:2 b:2"},
		// A new node attracts nobody: Kubernetes does not move running pods.
		"a node is added":      {state(nodes(t, "a b c"), web), "Kept:4", "", "a:2 b:2"},
		"a node is removed":    {state(nodes(t, "a c"), web), "Created:2 Kept:2", "NodeRemoved:2", "a:2 c:2"},
		"more replicas":        {state(nodes(t, "a b"), deployment(t, "web", 6, "1")), "Created:2 Kept:4", "", "a:3 b:3"},
		"fewer replicas":       {state(nodes(t, "a b"), deployment(t, "web", 2, "1")), "Kept:2", "ScaledDown:2", "a:1 b:1"},
		"the template":         {state(nodes(t, "a b"), deployment(t, "web", 4, "500m")), "Created:4", "Replaced:4", "a:2 b:2"},
		"the workload is gone": {state(nodes(t, "a b")), "", "WorkloadDeleted:4", ""},
		"a node refuses new pods": {
			state([]json.RawMessage{node(t, "a", "tokyo", 4, 8, `{taints: [{key: k, effect: NoSchedule}]}`), node(t, "b", "tokyo", 4, 8)}, web),
			"Kept:4", "", "a:2 b:2",
		},
		"a node evicts": {
			state([]json.RawMessage{node(t, "a", "tokyo", 4, 8, `{taints: [{key: k, effect: NoExecute}]}`), node(t, "b", "tokyo", 4, 8)}, web),
			"Created:2 Kept:2", "Evicted:2", "b:4",
		},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := change(t, state(nodes(t, "a b"), web), each.after)
			expectCounts(t, origins(outcome, "web"), each.origins)
			expectCounts(t, reasons(outcome), each.removed)
			expectCounts(t, perNode(outcome, "web"), each.where)
		})
	}
}

func TestKeptPodsKeepTheirNamesAndNodes(t *testing.T) {
	before := state(nodes(t, "a b c"), deployment(t, "web", 5, "1"), deployment(t, "api", 3, "1"))
	report := simulate(t, simulationv1.Request{Before: &before, After: state(nodes(t, "a b c d"), deployment(t, "web", 5, "1"), deployment(t, "api", 3, "500m"))})
	where := map[string]string{}
	for _, pod := range report.Before.Pods {
		where[pod.Name] = pod.Node
	}
	kept := 0
	for _, pod := range report.After.Pods {
		if pod.Origin == simulationv1.Kept {
			kept++
			if where[pod.Name] != pod.Node {
				t.Errorf("%s was on %s and is on %s", pod.Name, where[pod.Name], pod.Node)
			}
		}
	}
	if kept != 5 {
		t.Errorf("%d pods are kept, want those of web", kept)
	}
}

func TestRescheduleAllPlacesEveryPodAnew(t *testing.T) {
	before, web := state(nodes(t, "a b"), deployment(t, "web", 4, "1")), deployment(t, "web", 4, "1")
	request := simulationv1.Request{Before: &before, After: state(nodes(t, "a b c d"), web), Options: simulationv1.Options{RescheduleAll: true}}
	outcome := &simulate(t, request).After
	expectCounts(t, origins(outcome, "web"), "Created:4")
	expectCounts(t, perNode(outcome, "web"), "a:1 b:1 c:1 d:1")
}

func TestARolloutOnAFullFleet(t *testing.T) {
	// Two nodes of 4 cores are full with 8 pods of 1 core.
	full := func(strategy string) json.RawMessage {
		return workloadObject(t, "Deployment", "web", 8, "1", strategy, "")
	}
	rolling := func(surge, unavailable string) string {
		return `strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: ` + surge + `, maxUnavailable: ` + unavailable + `}},`
	}
	for name, each := range map[string]struct {
		strategy string
		complete bool
		updated  int
		where    string
	}{
		"needs a free place for each new pod":   {rolling("1", "0"), false, 1, ":1 a:4 b:4"},
		"may make room first":                   {rolling("0", "2"), true, 8, "a:4 b:4"},
		"surges into the room that it makes":    {rolling("25%", "25%"), true, 8, "a:4 b:4"},
		"removes all before it creates any":     {`strategy: {type: Recreate},`, true, 8, "a:4 b:4"},
		"surges by more than one and gets none": {rolling("3", "0"), false, 3, ":3 a:4 b:4"},
	} {
		t.Run(name, func(t *testing.T) {
			next := workloadObject(t, "Deployment", "web", 8, "1", each.strategy, "hostname: next,")
			outcome := change(t, state(nodes(t, "a b"), full(each.strategy)), state(nodes(t, "a b"), next))
			web := workloadOf(t, outcome, "web")
			if web.Complete != each.complete || web.Updated != each.updated {
				t.Errorf("%+v", web)
			}
			if !each.complete && (web.Available != 8 || !strings.Contains(web.Blocked, "Insufficient cpu")) {
				t.Errorf("%+v", web)
			}
			expectCounts(t, perNode(outcome, "web"), each.where)
		})
	}
}

func TestAStatefulSetRollsFromTheLastOrdinalDown(t *testing.T) {
	set := func(spec, pod string) json.RawMessage {
		return workloadObject(t, "StatefulSet", "db", 3, "3", "serviceName: db, "+spec, pod)
	}
	before := state(nodes(t, "a b c"), set("", ""))
	outcome := change(t, before, state(nodes(t, "a b c"), set("", "hostname: next,")))
	var order []string
	for _, pod := range outcome.Removed {
		order = append(order, pod.Name)
	}
	if strings.Join(order, " ") != "db-2 db-1 db-0" {
		t.Errorf("removed in the order %v", order)
	}
	if db := workloadOf(t, outcome, "db"); !db.Complete || db.Updated != 3 {
		t.Errorf("%+v", db)
	}
	partition := "updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}, "
	outcome = change(t, before, state(nodes(t, "a b c"), set(partition, "hostname: next,")))
	if db := workloadOf(t, outcome, "db"); !db.Complete || db.Updated != 1 || db.Outdated != 2 {
		t.Errorf("with a partition: %+v", db)
	}
	// The pod that is replaced first does not fit any more: the others keep running.
	big := workloadObject(t, "StatefulSet", "db", 3, "5", "serviceName: db, ", "")
	outcome = change(t, before, state(nodes(t, "a b c"), big))
	if db := workloadOf(t, outcome, "db"); db.Complete || db.Available != 2 || db.Updated != 1 || !strings.Contains(db.Blocked, "db-2 is unschedulable") {
		t.Errorf("too big: %+v", db)
	}
}

func TestAStatefulSetWaitsForEachPod(t *testing.T) {
	ordered := workloadObject(t, "StatefulSet", "db", 3, "3", "serviceName: db, ", "")
	outcome := after(t, state(nodes(t, "a"), ordered))
	expectCounts(t, perNode(outcome, "db"), ":1 a:1")
	parallel := workloadObject(t, "StatefulSet", "db", 3, "3", "serviceName: db, podManagementPolicy: Parallel, ", "")
	expectCounts(t, perNode(after(t, state(nodes(t, "a"), parallel)), "db"), ":2 a:1")
}

func TestADaemonSetRunsOnEveryEligibleNode(t *testing.T) {
	agent := func(pod string) json.RawMessage {
		return workloadObject(t, "DaemonSet", "agent", 0, "100m", "", pod)
	}
	all := []json.RawMessage{
		node(t, "a", "tokyo", 4, 8), node(t, "b", "tokyo", 4, 8, "{unschedulable: true}"),
		node(t, "c", "tokyo", 4, 8, `{taints: [{key: k, effect: NoSchedule}]}`), node(t, "d", "osaka", 4, 8),
	}
	// A DaemonSet tolerates cordons, and no other taints.
	expectCounts(t, perNode(after(t, state(all, agent(""))), "agent"), "a:1 b:1 d:1")
	expectCounts(t, perNode(after(t, state(all, agent("nodeSelector: {edge-region: osaka},"))), "agent"), "d:1")
	outcome := change(t, state(all[:2], agent("")), state(all, agent("")))
	expectCounts(t, origins(outcome, "agent"), "Created:1 Kept:2")
	outcome = change(t, state(all, agent("")), state(all, agent("hostname: next,")))
	expectCounts(t, reasons(outcome), "Replaced:3")
	if each := workloadOf(t, outcome, "agent"); !each.Complete || each.Desired != 3 {
		t.Errorf("%+v", each)
	}
	// A pod that fits nowhere else keeps its node's place.
	full := workloadObject(t, "DaemonSet", "agent", 0, "5", "", "")
	outcome = after(t, state(all[:1], full))
	if each := workloadOf(t, outcome, "agent"); each.Complete || each.Desired != 1 || each.Available != 0 {
		t.Errorf("%+v", each)
	}
}

func TestJobsCronJobsAndPodsRun(t *testing.T) {
	cron := object(t, `
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {parallelism: 2, template: {spec: {restartPolicy: Never, containers: [{name: main, image: "x:1", resources: {requests: {cpu: "1"}}}]}}}}}
`)
	bare := object(t, `
apiVersion: v1
kind: Pod
metadata: {name: tool, namespace: shop}
spec: {containers: [{name: main, image: "x:1", resources: {requests: {cpu: "1"}}}]}
`)
	outcome := after(t, state(nodes(t, "a"), workloadObject(t, "Job", "import", 2, "1", "", ""), cron, bare))
	expectCounts(t, perNode(outcome, "import"), "a:2")
	// Four cores hold the Job and the pod, and one of the two pods of the run that would come.
	expectCounts(t, perNode(outcome, "report"), ":1 a:1")
	expectCounts(t, origins(outcome, "report"), "WouldRun:2")
	for _, pod := range outcome.Pods {
		if pod.Name == "tool" && pod.Node != "a" {
			t.Errorf("%+v", pod)
		}
	}
	if len(outcome.Nodes) != 1 || outcome.Nodes[0].Pods != 3 || outcome.Nodes[0].Requested["cpu"] != "3" {
		t.Errorf("a run that would come takes room: %+v", outcome.Nodes)
	}
}
