package placement

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// object reads an object in YAML. Tabs count as two spaces.
func object(t testing.TB, text string, args ...any) json.RawMessage {
	t.Helper()
	raw, err := yaml.YAMLToJSONStrict([]byte(strings.ReplaceAll(fmt.Sprintf(text, args...), "\t", "  ")))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return raw
}

// node has cores and GiB, a region, and more fields in YAML's flow style.
func node(t testing.TB, name, region string, cores, gib int, more ...string) json.RawMessage {
	spec := "{}"
	if len(more) > 0 {
		spec = more[0]
	}
	return object(t, `
apiVersion: v1
kind: Node
metadata: {name: %s, labels: {edge-region: %s, topology.kubernetes.io/region: %s, topology.kubernetes.io/zone: %s-a}}
spec: %s
status: {allocatable: {cpu: "%d", memory: %dGi, pods: "110"}}
`, name, region, region, region, spec, cores, gib)
}

// workload of a kind, whose pods request a CPU, with fields of its spec and of its pods' spec in YAML's flow style.
func workloadObject(t testing.TB, kind, name string, replicas int, cpu, spec, pod string) json.RawMessage {
	version, count := "apps/v1", fmt.Sprintf("replicas: %d, ", replicas)
	switch kind {
	case "Job":
		version, count = "batch/v1", fmt.Sprintf("parallelism: %d, completions: %d, ", replicas, replicas)
		pod = "restartPolicy: Never, " + pod
	case "DaemonSet":
		count = ""
	}
	selector := fmt.Sprintf("selector: {matchLabels: {app: %s}}, ", name)
	if kind == "Job" {
		selector = ""
	}
	return object(t, `
apiVersion: %s
kind: %s
metadata: {name: %s, namespace: shop}
spec: {%s%s%s template: {metadata: {labels: {app: %s}}, spec: {%s containers: [{name: main, image: "%s:1", resources: {requests: {cpu: %s}}}]}}}
`, version, kind, name, count, selector, spec, name, pod, name, cpu)
}

func deployment(t testing.TB, name string, replicas int, cpu string) json.RawMessage {
	return workloadObject(t, "Deployment", name, replicas, cpu, "", "")
}

func state(nodes []json.RawMessage, objects ...json.RawMessage) simulationv1.State {
	return simulationv1.State{Nodes: nodes, Objects: objects}
}

func simulate(t testing.TB, request simulationv1.Request) *simulationv1.Report {
	t.Helper()
	report, err := Simulate(t.Context(), &request)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// after simulates a state that starts from nothing.
func after(t testing.TB, s simulationv1.State, options ...func(*simulationv1.Options)) *simulationv1.Outcome {
	t.Helper()
	request := simulationv1.Request{After: s}
	for _, set := range options {
		set(&request.Options)
	}
	return &simulate(t, request).After
}

// change simulates a state that follows another.
func change(t testing.TB, before, after simulationv1.State) *simulationv1.Outcome {
	t.Helper()
	return &simulate(t, simulationv1.Request{Before: &before, After: after}).After
}

// perNode counts the pods of a workload on each node; those without one are at "".
func perNode(outcome *simulationv1.Outcome, workload string) map[string]int {
	counts := map[string]int{}
	for _, pod := range outcome.Pods {
		if pod.Owner != nil && pod.Owner.Name == workload {
			counts[pod.Node]++
		}
	}
	return counts
}

func workloadOf(t testing.TB, outcome *simulationv1.Outcome, name string) simulationv1.Workload {
	t.Helper()
	for _, each := range outcome.Workloads {
		if each.Name == name {
			return each
		}
	}
	t.Fatalf("no workload %s", name)
	return simulationv1.Workload{}
}

func expectCounts(t testing.TB, got map[string]int, want string) {
	t.Helper()
	if text := fmt.Sprint(got); text != "map["+want+"]" {
		t.Errorf("got %s, want map[%s]", text, want)
	}
}

func hasFinding(outcome *simulationv1.Outcome, code, part string) bool {
	for _, finding := range outcome.Findings {
		if finding.Code == code && strings.Contains(finding.Object+" "+finding.Path+" "+finding.Message, part) {
			return true
		}
	}
	return false
}
