package placement

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func drilled(t testing.TB, s simulationv1.State, drills ...simulationv1.Drill) []simulationv1.DrillReport {
	t.Helper()
	return after(t, s, func(o *simulationv1.Options) { o.Drills = drills }).Drills
}

func fates(report simulationv1.DrillReport, workload string) map[string]int {
	counts := map[string]int{}
	for _, each := range report.Displaced {
		if each.Owner == nil && each.Name == workload || each.Owner != nil && each.Owner.Name == workload {
			counts[string(each.Fate)]++
		}
	}
	return counts
}

// twoRegions have two nodes each.
func twoRegions(t testing.TB) []json.RawMessage {
	return []json.RawMessage{
		node(t, "t1", "tokyo", 4, 8), node(t, "t2", "tokyo", 4, 8), node(t, "o1", "osaka", 4, 8), node(t, "o2", "osaka", 4, 8),
	}
}

func TestTheLossOfARegionMovesWhatCanMove(t *testing.T) {
	bare := object(t, "{apiVersion: v1, kind: Pod, metadata: {name: tool, namespace: shop}, spec: {nodeSelector: {edge-region: tokyo}, containers: [{name: main, image: \"x:1\"}]}}")
	s := state(twoRegions(t),
		deployment(t, "web", 8, "500m"),
		workloadObject(t, "Deployment", "pinned", 1, "100m", "", "nodeSelector: {edge-region: tokyo},"),
		workloadObject(t, "StatefulSet", "db", 1, "100m", "serviceName: db, ", "nodeSelector: {edge-region: tokyo},"),
		workloadObject(t, "DaemonSet", "agent", 0, "100m", "", ""), bare)
	report := drilled(t, s, simulationv1.Drill{Region: "tokyo"})[0]
	expectCounts(t, fates(report, "web"), "Rescheduled:4")
	expectCounts(t, fates(report, "pinned"), "Unplaceable:1")
	expectCounts(t, fates(report, "db"), "Stuck:1")
	expectCounts(t, fates(report, "agent"), "Waiting:2")
	expectCounts(t, fates(report, "tool"), "Lost:1")
	if fmt.Sprint(report.Nodes) != "[t1 t2]" || report.DetectionSeconds != 50 {
		t.Errorf("%v %d", report.Nodes, report.DetectionSeconds)
	}
	for _, each := range report.Displaced {
		switch {
		case each.Fate == simulationv1.Waiting:
			if each.AfterSeconds != nil {
				t.Errorf("%s waits and is evicted after %d s", each.Name, *each.AfterSeconds)
			}
		case *each.AfterSeconds != map[string]int64{"t1": 300, "t2": 310}[each.Node]:
			// One node of a zone after the other, ten seconds apart.
			t.Errorf("%s on %s is evicted after %d s", each.Name, each.Node, *each.AfterSeconds)
		case each.Fate == simulationv1.Rescheduled && each.To != "o1" && each.To != "o2":
			t.Errorf("%+v", each)
		}
	}
	want := map[string][3]int{"web": {8, 4, 8}, "pinned": {1, 0, 0}, "db": {1, 0, 0}, "agent": {4, 2, 2}, "tool": {1, 0, 0}}
	for _, each := range report.Workloads {
		if got := [3]int{each.Before, each.During, each.After}; got != want[each.Name] {
			t.Errorf("%s: got %v, want %v", each.Name, got, want[each.Name])
		}
		delete(want, each.Name)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v", want)
	}
}

func TestTolerationsDecideWhenPodsLeave(t *testing.T) {
	tolerating := func(name, seconds string) json.RawMessage {
		return workloadObject(t, "Deployment", name, 2, "100m", "", "tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute"+seconds+"}],")
	}
	s := state(twoRegions(t), tolerating("fast", ", tolerationSeconds: 5"), tolerating("forever", ""))
	report := drilled(t, s, simulationv1.Drill{Node: "t1"}, simulationv1.Drill{Node: "t2"})
	for _, each := range append(report[0].Displaced, report[1].Displaced...) {
		switch {
		case each.Owner.Name == "fast" && (*each.AfterSeconds != 5 || each.Fate != simulationv1.Rescheduled):
			t.Errorf("%+v", each)
		case each.Owner.Name == "forever" && each.Fate != simulationv1.Waiting:
			t.Errorf("%+v", each)
		}
	}
}

func TestNothingIsEvictedWhenAllZonesAreLost(t *testing.T) {
	report := drilled(t, state(nodes(t, "a b"), deployment(t, "web", 2, "1")), simulationv1.Drill{Region: "tokyo"})[0]
	expectCounts(t, fates(report, "web"), "Waiting:2")
}

func TestASmallZoneThatLosesMostNodesEvictsNothing(t *testing.T) {
	for silent, want := range map[int]int64{1: 10, 2: 10, 3: 0, 4: 10} {
		if got := pauseOf(4, silent); got != want {
			t.Errorf("%d of 4: got %d, want %d", silent, got, want)
		}
	}
	if got := pauseOf(100, 60); got != 100 {
		t.Errorf("60 of 100: got %d", got)
	}
}

func TestADrillChangesNothing(t *testing.T) {
	low, high := priorityClass(t, "low", 1), priorityClass(t, "high", 1000)
	claims := "serviceName: db, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], "
	s := state(twoRegions(t), low, high,
		workloadObject(t, "Deployment", "web", 20, "500m", "", "priorityClassName: low,"),
		workloadObject(t, "Deployment", "urgent", 6, "1", "", "priorityClassName: high,"),
		workloadObject(t, "StatefulSet", "db", 2, "100m", claims, ""), deployment(t, "pending", 3, "3500m"))
	all := []simulationv1.Drill{{Region: "tokyo"}, {Node: "o1"}, {Region: "osaka"}, {Node: "t2"}}
	together := drilled(t, s, append(all, all...)...)
	preempted := 0
	for i, each := range all {
		alone := drilled(t, s, each)[0]
		for _, again := range []simulationv1.DrillReport{together[i], together[i+len(all)]} {
			if !reflect.DeepEqual(alone, again) {
				t.Errorf("drill %+v depends on those before it:\n%+v\n%+v", each, alone, again)
			}
		}
		preempted += len(alone.Preempted)
	}
	if preempted == 0 {
		t.Error("no drill preempts: this test has to try that, too")
	}
	plain := after(t, s)
	withDrills := after(t, s, func(o *simulationv1.Options) { o.Drills = all })
	withDrills.Drills, plain.Drills = nil, nil
	if !reflect.DeepEqual(plain, withDrills) {
		t.Error("the state differs after drills")
	}
}

func TestADrillOfALargeClusterDependsOnNoOther(t *testing.T) {
	var list []json.RawMessage
	for i := range 230 {
		list = append(list, node(t, fmt.Sprintf("n%03d", i), []string{"tokyo", "osaka", "sydney"}[i%3], 4, 8))
	}
	s := edgeState(t, list, edgeDeployment(t, "web", 61, "500m", "{labels: {app: web}}"), deployment(t, "api", 53, "500m"))
	first, second := simulationv1.Drill{Region: "tokyo"}, simulationv1.Drill{Region: "osaka"}
	if together, alone := drilled(t, s, first, second), drilled(t, s, second); !reflect.DeepEqual(together[1], alone[0]) {
		t.Error("the second drill examines other nodes than it would have alone")
	}
}

// server is a K3s server.
func server(t testing.TB, name, region string) json.RawMessage {
	return object(t, "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {topology.kubernetes.io/region: %s, node-role.kubernetes.io/control-plane: \"true\"}}, spec: {taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}, status: {allocatable: {cpu: 1, memory: 1Gi, pods: 10}, conditions: [{type: Ready, status: \"True\"}]}}", name, region)
}

func TestNothingMovesWithoutAControlPlane(t *testing.T) {
	for servers, lost := range map[string]map[string]bool{
		"tokyo": {"tokyo": true, "osaka": false}, "tokyo osaka": {"tokyo": true, "osaka": true}, "tokyo tokyo osaka": {"tokyo": true, "osaka": false}, "": {"tokyo": false},
	} {
		list := twoRegions(t)
		for i, region := range strings.Fields(servers) {
			list = append(list, server(t, fmt.Sprintf("server-%d", i), region))
		}
		for region, want := range lost {
			report := drilled(t, state(list, deployment(t, "web", 8, "500m")), simulationv1.Drill{Region: region})[0]
			moved := fates(report, "web")["Rescheduled"]
			if report.ControlPlaneLost != want || (moved == 0) != want || (report.DetectionSeconds == 0) != want {
				t.Errorf("servers in %q, %s lost: got %v with %d pods moved, want %v", servers, region, report.ControlPlaneLost, moved, want)
			}
		}
	}
}

func TestDataOnLostNodesIsListed(t *testing.T) {
	claims := "serviceName: db, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], "
	s := state(twoRegions(t), workloadObject(t, "StatefulSet", "db", 1, "100m", claims, "nodeSelector: {edge-region: tokyo},"))
	reports := drilled(t, s, simulationv1.Drill{Region: "tokyo"}, simulationv1.Drill{Region: "osaka"})
	if got := fmt.Sprint(reports[0].Volumes); got != "[{shop data-db-0 t1}]" && got != "[{shop data-db-0 t2}]" {
		t.Errorf("got %s", got)
	}
	if len(reports[1].Volumes) != 0 {
		t.Errorf("got %v", reports[1].Volumes)
	}
}

func TestADrillOfWhatDoesNotExistSaysSo(t *testing.T) {
	reports := drilled(t, state(nodes(t, "a"), deployment(t, "web", 1, "1")), simulationv1.Drill{Region: "mars"}, simulationv1.Drill{Node: "z"},
		simulationv1.Drill{Link: &simulationv1.LinkReference{From: "a", To: "b"}})
	for i, want := range []string{`no node is in region "mars"`, `node "z" does not exist`, "no scheduler follows round trips between regions"} {
		if reports[i].Error != want {
			t.Errorf("got %q, want %q", reports[i].Error, want)
		}
	}
}
