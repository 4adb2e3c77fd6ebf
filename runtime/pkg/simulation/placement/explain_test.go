package placement

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func explaining(refs ...simulationv1.ObjectReference) func(*simulationv1.Options) {
	return func(o *simulationv1.Options) { o.Explain = refs }
}

func inShop(kind, name string) simulationv1.ObjectReference {
	return simulationv1.ObjectReference{Kind: kind, Namespace: "shop", Name: name}
}

// rejections describes the groups of an explanation: `TaintToleration+NodeAffinity: a b (remedies)`.
func rejections(groups []simulationv1.RejectedNodes) []string {
	var texts []string
	for _, group := range groups {
		var plugins, changes []string
		for _, verdict := range group.Verdicts {
			plugins = append(plugins, verdict.Plugin)
			changes = append(changes, verdict.Remedies...)
		}
		texts = append(texts, fmt.Sprintf("%s: %s (%s)", strings.Join(plugins, "+"), strings.Join(group.Nodes, " "), strings.Join(changes, "; ")))
	}
	return texts
}

func expectTexts(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestExplainGroupsNodesAndRanksTheOthers(t *testing.T) {
	tainted := node(t, "osaka-2", "osaka", 4, 8, `{taints: [{key: device-type, value: jetson, effect: NoSchedule}]}`)
	web := edgeDeployment(t, "web", 1, "1500m", "{labels: {app: web}, annotations: {skerry.dev/near-region: tokyo}}")
	s := edgeState(t, append(threeRegions(t), tainted, node(t, "tokyo-2", "tokyo", 1, 8)), web)
	outcome := after(t, s, explaining(inShop("Deployment", "web"), inShop("Pod", "gone"), inShop("Deployment", "gone")))
	explained := outcome.Explanations[0]
	if explained.Node != "tokyo-1" || explained.Error != "" || explained.Scheduler != "edge-scheduler" {
		t.Fatalf("%+v", explained)
	}
	if len(explained.Scores) != 3 || explained.Scores[0].Node != "tokyo-1" || len(explained.Scores[0].Plugins) < 4 {
		t.Errorf("%+v", explained.Scores)
	}
	expectTexts(t, rejections(explained.Rejected),
		"NodeResourcesFit: tokyo-2 (request 500m less of cpu: 1 instead of 1500m)",
		"TaintToleration: osaka-2 (tolerate the taint device-type=jetson:NoSchedule)")
	for i, want := range []string{"Pod shop/gone does not exist", "Deployment shop/gone does not exist"} {
		if got := outcome.Explanations[i+1].Error; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if counts := perNode(outcome, "web"); counts["tokyo-1"] != 1 {
		t.Errorf("explaining moved the pod: %v", counts)
	}
}

func TestExplainNamesEveryPluginThatRejectsANode(t *testing.T) {
	taint := `{taints: [{key: a, value: b, effect: NoSchedule}, {key: c, effect: NoExecute}, {key: soft, effect: PreferNoSchedule}], unschedulable: true}`
	tainted := node(t, "osaka-1", "osaka", 1, 8, taint)
	pod := `nodeSelector: {edge-region: tokyo}, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [
		{matchExpressions: [{key: gpu, operator: Exists}, {key: edge-region, operator: In, values: [tokyo]}]},
		{matchExpressions: [{key: edge-region, operator: NotIn, values: [osaka, sydney]}]}]}}},`
	web := workloadObject(t, "Deployment", "web", 1, "1500m", "", pod)
	explained := after(t, state([]json.RawMessage{node(t, "tokyo-1", "tokyo", 4, 8), tainted}, web), explaining(inShop("Deployment", "web"))).Explanations[0]
	expectTexts(t, rejections(explained.Rejected), "NodeUnschedulable+TaintToleration+NodeAffinity+NodeResourcesFit: osaka-1 ("+strings.Join([]string{
		"uncordon the node",
		"tolerate the taint a=b:NoSchedule", "tolerate the taint c:NoExecute", "tolerate the taint node.kubernetes.io/unschedulable:NoSchedule",
		"set the label edge-region=tokyo on the node, or drop it from the node selector",
		"relax the required node affinity edge-region not in (osaka, sydney), or change the node's label",
		"request 500m less of cpu: 1 instead of 1500m",
	}, "; ")+")")
}

func TestARemedyMakesThePluginsAcceptTheNode(t *testing.T) {
	tainted := node(t, "osaka-1", "osaka", 1, 8, `{taints: [{key: a, value: b, effect: NoSchedule}]}`)
	for _, each := range []struct {
		spec, cpu string
		wants     int
	}{
		{"nodeSelector: {edge-region: tokyo},", "1500m", 0},
		{"nodeSelector: {edge-region: tokyo}, tolerations: [{key: a, value: b}],", "1", 0},
		{"tolerations: [{key: a, value: b}],", "1", 1},
	} {
		web := workloadObject(t, "Deployment", "web", 1, each.cpu, "", each.spec)
		explained := after(t, state([]json.RawMessage{tainted}, web), explaining(inShop("Deployment", "web"))).Explanations[0]
		if len(explained.Scores) != each.wants || (each.wants == 0) != (len(explained.Rejected) == 1) {
			t.Errorf("%s: %+v", each.spec, explained)
		}
	}
}

func TestExplainNamesTheRegionsThatEdgeProximityRejects(t *testing.T) {
	web := edgeDeployment(t, "web", 1, "1", `{labels: {app: web, required-region: tokyo}, annotations: {skerry.dev/fallback-regions: osaka, skerry.dev/max-rtt-ms: "5"}}`)
	explained := after(t, edgeState(t, threeRegions(t), web), explaining(inShop("Deployment", "web"))).Explanations[0]
	expectTexts(t, rejections(explained.Rejected),
		"EdgeProximity: osaka-1 (raise the annotation skerry.dev/max-rtt-ms of the pod, which is 5)",
		"EdgeProximity: sydney-1 (add sydney to the annotation skerry.dev/fallback-regions of the pod)")
}

func TestExplainSaysWhenAFallbackRegionCounts(t *testing.T) {
	required := edgeDeployment(t, "web", 1, "1", "{labels: {app: web, required-region: tokyo}, annotations: {skerry.dev/fallback-regions: osaka}}")
	explained := after(t, edgeState(t, threeRegions(t), required), explaining(inShop("Deployment", "web"))).Explanations[0]
	expectTexts(t, rejections(explained.Rejected),
		"EdgeProximity: osaka-1 (set the label required-region=osaka on the pod: a fallback region is used only if those before it are full)",
		"EdgeProximity: sydney-1 (add sydney to the annotation skerry.dev/fallback-regions of the pod)")
}

func TestExplainNamesTheClaimThatKeepsAPodOnItsNode(t *testing.T) {
	spec := `volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}],`
	db := workloadObject(t, "StatefulSet", "db", 1, "1", spec, "")
	explained := after(t, state(nodes(t, "a b"), db), explaining(inShop("StatefulSet", "db"))).Explanations[0]
	if len(explained.Scores) != 1 || explained.Scores[0].Node != explained.Node {
		t.Fatalf("%+v", explained)
	}
	other := map[string]string{"a": "b", "b": "a"}[explained.Node]
	expectTexts(t, rejections(explained.Rejected), "VolumeBinding: "+other+" (delete the volume of data-db-0 and its data: it is on another node)")
}

func TestExplainPrefersAPodWithoutANode(t *testing.T) {
	explained := after(t, state(nodes(t, "a"), deployment(t, "web", 3, "2")), explaining(inShop("Deployment", "web"))).Explanations[0]
	if explained.Node != "" || explained.Pod == nil || len(explained.Scores) != 0 {
		t.Errorf("%+v", explained)
	}
	expectTexts(t, rejections(explained.Rejected), "NodeResourcesFit: a (free 2 of cpu on a node: none is left)")
}

func TestExplainCoversEveryKindOfWorkload(t *testing.T) {
	cron := object(t, `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec: {schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "x:1"}]}}}}}
`)
	daemon := workloadObject(t, "DaemonSet", "agent", 0, "3", "", "nodeSelector: {edge-region: tokyo},")
	s := state([]json.RawMessage{node(t, "a", "tokyo", 4, 8), node(t, "b", "tokyo", 2, 8), node(t, "c", "osaka", 4, 8)},
		daemon, cron, deployment(t, "none", 0, "1"), workloadObject(t, "StatefulSet", "db", 1, "1", "", ""), workloadObject(t, "Job", "once", 1, "1", "", ""))
	outcome := after(t, s, explaining(inShop("DaemonSet", "agent"), inShop("CronJob", "nightly"), inShop("Deployment", "none"), inShop("StatefulSet", "db"), inShop("Job", "once")))
	agent := outcome.Explanations[0]
	if len(agent.Scores) != 1 || agent.Scores[0].Node != "a" || agent.Pod != nil || agent.Node != "" {
		t.Errorf("%+v", agent)
	}
	expectTexts(t, rejections(agent.Rejected),
		"NodeResourcesFit: b (request 1 less of cpu: 2 instead of 3)",
		"NodeAffinity+NodeResourcesFit: c (set the label edge-region=tokyo on the node, or drop it from the node selector; request 1 less of cpu: 2 instead of 3)")
	for i, pod := range []bool{false, false, true, true} {
		explained := outcome.Explanations[i+1]
		if explained.Error != "" || len(explained.Scores) == 0 || (explained.Pod != nil) != pod {
			t.Errorf("%+v", explained)
		}
	}
	if counts := perNode(outcome, "agent"); counts["a"] != 1 {
		t.Errorf("explaining moved pods: %v", counts)
	}
}

func TestTheRemedyForAShortageFollowsFromWhatNodesHave(t *testing.T) {
	for want, shortage := range map[string]simulationv1.Shortage{
		"request 1536Mi less of memory: 512Mi instead of 2Gi":                        {Resource: "memory", Requested: "2Gi", LargestFree: "512Mi", LargestAllocatable: "8Gi"},
		"free 2 of cpu on a node: none is left":                                      {Resource: "cpu", Requested: "2", LargestFree: "0", LargestAllocatable: "4"},
		"request at most 4 of cpu instead of 6, and remove other pods: none is left": {Resource: "cpu", Requested: "6", LargestFree: "0", LargestAllocatable: "4"},
		"use nodes that have nvidia.com/gpu":                                         {Resource: "nvidia.com/gpu", Requested: "1", LargestFree: "0", LargestAllocatable: "0"},
	} {
		if got := requestLess(shortage); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
