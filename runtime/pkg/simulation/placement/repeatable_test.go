package placement

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

// largeFleet has a region with more nodes than the scheduler examines for a pod, and pods of every kind that it searches
// nodes for in its own way.
func largeFleet(t testing.TB) simulationv1.State {
	var list []json.RawMessage
	for i := range 300 {
		list = append(list, node(t, fmt.Sprintf("tokyo-%d", i), "tokyo", 2, 4))
	}
	for i := range 20 {
		list = append(list, node(t, fmt.Sprintf("osaka-%d", i), "osaka", 2, 4))
	}
	spread := "topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/region, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: spread}}}],"
	apart := "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: apart}}}]}},"
	return edgeState(t, list,
		edgeDeployment(t, "required", 30, "300m", "{labels: {app: required, required-region: tokyo}}"),
		edgeDeployment(t, "budget", 30, "300m", "{labels: {app: budget}, annotations: {skerry.dev/near-region: tokyo, skerry.dev/max-rtt-ms: \"20\"}}"),
		deployment(t, "plain", 30, "300m"),
		workloadObject(t, "Deployment", "spread", 30, "300m", "", spread),
		workloadObject(t, "Deployment", "apart", 30, "300m", "", apart))
}

func TestALargeFleetGivesTheSameBytesOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, seed := range []uint64{0, 1} {
		var first []byte
		for _, cores := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(cores)
			request := simulationv1.Request{After: largeFleet(t)}
			request.Options.Seed = seed
			request.Options.Drills = []simulationv1.Drill{{Region: "osaka"}, {Node: "tokyo-7"}, {Link: &simulationv1.LinkReference{From: "tokyo", To: "osaka"}}}
			text := written(t, request)
			if first == nil {
				first = text
			} else if !bytes.Equal(first, text) {
				t.Errorf("seed %d: another report on %d cores", seed, cores)
			}
		}
	}
}

func TestASearchInARegionContinuesWhereTheLastOneEnded(t *testing.T) {
	outcome := after(t, edgeState(t, largeFleet(t).Nodes, edgeDeployment(t, "required", 3, "300m", "{labels: {app: required, required-region: tokyo}}")))
	examined := map[string]bool{}
	for _, pod := range outcome.Pods {
		if pod.Feasible != 100 {
			t.Errorf("%s: %d nodes were examined, want a third of the region", pod.Name, pod.Feasible)
		}
		examined[pod.Node] = true
		for _, tie := range pod.Ties {
			examined[tie] = true
		}
	}
	// Pods look at a part of the region each. If every search started at the same node, the same part would get all pods.
	if len(examined) <= 200 {
		t.Errorf("%d nodes were examined for 3 pods", len(examined))
	}
}
