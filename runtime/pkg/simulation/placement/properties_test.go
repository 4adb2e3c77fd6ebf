package placement

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	"pgregory.net/rapid"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// drawState draws nodes and workloads of all kinds, some of which do not fit.
func drawState(t *testing.T, r *rapid.T, label string) simulationv1.State {
	draw := func(what string, most int) int { return rapid.IntRange(0, most).Draw(r, label+" "+what) }
	var list []json.RawMessage
	for i := range 1 + draw("nodes", 6) {
		region := []string{"tokyo", "osaka"}[draw("region", 1)]
		spec := []string{"{}", "{}", "{unschedulable: true}", "{taints: [{key: k, effect: NoExecute}]}"}[draw("spec", 3)]
		list = append(list, node(t, fmt.Sprintf("n%d", i), region, 1+draw("cores", 3), 8, spec))
	}
	objects := []json.RawMessage{priorityClass(t, "low", 1), priorityClass(t, "high", 1000)}
	for i := range draw("workloads", 4) {
		kind := []string{"Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"}[draw("kind", 4)]
		pod := []string{"", "priorityClassName: low,", "priorityClassName: high,", "nodeSelector: {edge-region: osaka},", "tolerations: [{operator: Exists}],"}[draw("pod", 4)]
		spec := ""
		if kind == "StatefulSet" {
			spec = "serviceName: s, "
		}
		cpu := []string{"100m", "700m", "1500m"}[draw("cpu", 2)]
		objects = append(objects, workloadObject(t, kind, fmt.Sprintf("w%d", i), draw("replicas", 5), cpu, spec, pod))
	}
	return state(list, objects...)
}

func drawRequest(t *testing.T, r *rapid.T) simulationv1.Request {
	before := drawState(t, r, "before")
	request := simulationv1.Request{Before: &before, After: drawState(t, r, "after")}
	request.Options.Seed = uint64(rapid.IntRange(0, 3).Draw(r, "seed"))
	request.Options.Drills = []simulationv1.Drill{{Region: "osaka"}, {Node: "n0"}}
	return request
}

func written(t interface {
	Context() context.Context
	Fatal(args ...any)
}, request simulationv1.Request) []byte {
	report, err := Simulate(t.Context(), &request)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := simulationv1.Write(&text, report); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestTheSameRequestGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		request := drawRequest(t, r)
		if first, second := written(r, request), written(r, request); !bytes.Equal(first, second) {
			r.Errorf("%s\n%s", first, second)
		}
	})
}

func TestNoNodeHasMoreThanItHas(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var report simulationv1.Report
		if err := json.Unmarshal(written(r, drawRequest(t, r)), &report); err != nil {
			r.Fatal(err)
		}
		for _, outcome := range []*simulationv1.Outcome{report.Before, &report.After} {
			for _, node := range outcome.Nodes {
				requested, allocatable := resource.MustParse(orZero(node.Requested["cpu"])), resource.MustParse(node.Allocatable["cpu"])
				// Only a node that became smaller can be too full, and then the report says so.
				if requested.Cmp(allocatable) > 0 && (outcome == report.Before || !hasFinding(outcome, "NodeOverfull", node.Name)) {
					r.Errorf("%+v", node)
				}
			}
		}
	})
}

func orZero(quantity string) string {
	if quantity == "" {
		return "0"
	}
	return quantity
}

func TestPodsThatRanAreKeptOrRemovedAndNeverMoved(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var report simulationv1.Report
		if err := json.Unmarshal(written(r, drawRequest(t, r)), &report); err != nil {
			r.Fatal(err)
		}
		accounted := map[simulationv1.PodKey]string{}
		for _, pod := range report.After.Removed {
			// A StatefulSet's pod can be removed, come back elsewhere, and be removed again: the first time counts.
			key := simulationv1.PodKey{Namespace: pod.Namespace, Name: pod.Name}
			if _, again := accounted[key]; !again {
				accounted[key] = pod.Node
			}
		}
		for _, pod := range report.After.Pods {
			if pod.Origin == simulationv1.Kept {
				accounted[simulationv1.PodKey{Namespace: pod.Namespace, Name: pod.Name}] = pod.Node
			}
		}
		for _, pod := range report.Before.Pods {
			key := simulationv1.PodKey{Namespace: pod.Namespace, Name: pod.Name}
			if where, found := accounted[key]; pod.Node != "" && (!found || where != pod.Node) {
				r.Errorf("%s ran on %s; then %q, %v", key.Name, pod.Node, where, found)
			}
		}
	})
}

func TestAnUnchangedStateMovesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := drawState(t, r, "state")
		report, err := Simulate(r.Context(), &simulationv1.Request{Before: &s, After: s})
		if err != nil {
			r.Fatal(err)
		}
		if len(report.After.Removed) > 0 {
			r.Errorf("%+v", report.After.Removed)
		}
		for _, pod := range report.After.Pods {
			if pod.Origin != simulationv1.Kept {
				r.Errorf("%+v", pod)
			}
		}
	})
}
