package placement

import (
	"encoding/json"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// running is a pod as a live cluster has it.
func running(t testing.TB, name, node, ownerKind, owner, labels string) json.RawMessage {
	return object(t, `
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: shop, uid: u-%s, labels: %s, ownerReferences: [{apiVersion: apps/v1, kind: %s, name: %s, uid: o, controller: true}]}
spec: {nodeName: %s, containers: [{name: main, image: "web:1", resources: {requests: {cpu: "1"}}}]}
status: {phase: Running, startTime: "2025-12-31T00:00:00Z"}
`, name, name, labels, ownerKind, owner, node)
}

func webPod(t testing.TB, name, node, hash string) json.RawMessage {
	return running(t, name, node, "ReplicaSet", "web-"+hash, "{app: web, pod-template-hash: "+hash+"}")
}

func TestASnapshotIsTheStateFromWhichAChangeStarts(t *testing.T) {
	before := state(nodes(t, "a b"), deployment(t, "web", 3, "1"), workloadObject(t, "StatefulSet", "db", 1, "1", "serviceName: db, ", ""))
	// A scheduler would have spread them. What runs stays where it is.
	before.RunningPods = []json.RawMessage{
		webPod(t, "web-abc-x1", "a", "abc"), webPod(t, "web-abc-x2", "a", "abc"), webPod(t, "web-abc-x3", "a", "abc"),
		running(t, "db-0", "a", "StatefulSet", "db", "{app: db}"),
	}
	same := state(before.Nodes, before.Objects...)
	report := simulate(t, simulationv1.Request{Before: &before, After: same})
	expectCounts(t, perNode(&report.After, "web"), "a:3")
	expectCounts(t, origins(&report.After, "web"), "Kept:3")
	expectCounts(t, origins(&report.After, "db"), "Kept:1")
	if len(report.After.Removed) > 0 || len(report.Before.Pods) != 4 || !workloadOf(t, &report.After, "web").Complete {
		t.Errorf("%+v", report.After)
	}
	more := state(before.Nodes, deployment(t, "web", 5, "1"), before.Objects[1])
	report = simulate(t, simulationv1.Request{Before: &before, After: more})
	expectCounts(t, perNode(&report.After, "web"), "a:3 b:2")
	next := state(before.Nodes, deployment(t, "web", 3, "500m"), before.Objects[1])
	report = simulate(t, simulationv1.Request{Before: &before, After: next})
	expectCounts(t, reasons(&report.After), "Replaced:3")
	expectCounts(t, origins(&report.After, "db"), "Kept:1")
}

func TestASnapshotTakenDuringARolloutContinuesIt(t *testing.T) {
	replicas := func(hash, cpu string) json.RawMessage {
		return object(t, `
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-%s, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: o, controller: true}]}
spec: {selector: {matchLabels: {app: web, pod-template-hash: %s}}, template: {metadata: {labels: {app: web, pod-template-hash: %s}}, spec: {containers: [{name: main, image: "web:1", resources: {requests: {cpu: "%s"}}}]}}}
`, hash, hash, hash, cpu)
	}
	before := state(nodes(t, "a b"), deployment(t, "web", 3, "1"), replicas("new", "1"), replicas("old", "2"))
	before.RunningPods = []json.RawMessage{webPod(t, "web-new-x1", "a", "new"), webPod(t, "web-old-x1", "b", "old"), webPod(t, "web-old-x2", "b", "old")}
	report := simulate(t, simulationv1.Request{Before: &before, After: state(before.Nodes, before.Objects...)})
	if web := workloadOf(t, report.Before, "web"); web.Outdated != 2 || web.Updated != 1 {
		t.Errorf("before: %+v", web)
	}
	expectCounts(t, reasons(&report.After), "Replaced:2")
	expectCounts(t, origins(&report.After, "web"), "Created:2 Kept:1")
}

func TestASnapshotOfWhatIsNotThereIsAFinding(t *testing.T) {
	before := state(nodes(t, "a"), deployment(t, "web", 1, "1"))
	before.RunningPods = []json.RawMessage{
		webPod(t, "web-abc-x1", "gone", "abc"), running(t, "alone-1", "a", "Fountain", "f", "{}"),
		object(t, `{apiVersion: v1, kind: Pod, metadata: {name: waits, namespace: shop}, spec: {containers: [{name: m, image: "x:1"}]}}`),
	}
	outcome := simulate(t, simulationv1.Request{Before: &before, After: state(before.Nodes, before.Objects...)}).Before
	for code, part := range map[string]string{"PodOnUnknownNode": `web-abc-x1 `, "PodWithoutWorkload": "alone-1", "PodWithoutNode": "waits"} {
		if !hasFinding(outcome, code, part) {
			t.Errorf("no %s: %+v", code, outcome.Findings)
		}
	}
	if len(outcome.Pods) != 1 || outcome.Pods[0].Name != "alone-1" {
		t.Errorf("%+v", outcome.Pods)
	}
}

// A control plane hashes templates differently. The default spread counts pods by the selector of their ReplicaSet.
func TestNewPodsSpreadAwayFromTheirSiblingsOfASnapshot(t *testing.T) {
	list := []json.RawMessage{node(t, "a", "one", 16, 64), node(t, "b", "one", 16, 64), node(t, "c", "two", 8, 32)}
	before := state(list, deployment(t, "web", 1, "1"))
	before.RunningPods = []json.RawMessage{webPod(t, "web-abc-x1", "a", "abc")}
	report := simulate(t, simulationv1.Request{Before: &before, After: state(list, deployment(t, "web", 2, "1"))})
	expectCounts(t, perNode(&report.After, "web"), "a:1 c:1")
}
