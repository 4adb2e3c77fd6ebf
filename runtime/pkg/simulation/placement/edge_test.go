package placement

import (
	"encoding/json"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

const edgeConfiguration = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
  - schedulerName: edge-scheduler
    percentageOfNodesToScore: 5
    plugins: {score: {disabled: [{name: NodeResourcesFit}]}, multiPoint: {enabled: [{name: EdgeProximity, weight: 5}, {name: ResourceProfile, weight: 3}, {name: LoadAware, weight: 3}]}}
    pluginConfig:
      - {name: EdgeProximity, args: {apiVersion: config.skerry.dev/v1, kind: EdgeProximityArgs, linksFile: links/links.json}}
`

func regionLinks(t testing.TB, tokyoOsaka string) json.RawMessage {
	return object(t, `
apiVersion: v1
kind: ConfigMap
metadata: {name: region-links, namespace: skerry-system}
data:
	links.json: '{"version":1,"unit":"ms","regions":[{"name":"tokyo","latitude":35.7,"longitude":139.7},{"name":"osaka","latitude":34.7,"longitude":135.5},{"name":"sydney","latitude":-33.9,"longitude":151.2}],"links":[{"from":"tokyo","to":"osaka","rttMs":%s,"basis":"measured","source":"t"}]}'
`, tokyoOsaka)
}

func edgeState(t testing.TB, nodes []json.RawMessage, objects ...json.RawMessage) simulationv1.State {
	s := state(nodes, append([]json.RawMessage{regionLinks(t, "9")}, objects...)...)
	s.SchedulerConfigurations = []string{edgeConfiguration}
	return s
}

// edgeDeployment is scheduled by the edge scheduler, with a label or annotations in YAML's flow style.
func edgeDeployment(t testing.TB, name string, replicas int, cpu, metadata string) json.RawMessage {
	return object(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: shop}
spec:
	replicas: %d
	selector: {matchLabels: {app: %s}}
	template:
		metadata: %s
		spec: {schedulerName: edge-scheduler, containers: [{name: main, image: "x:1", resources: {requests: {cpu: %s}}}]}
`, name, replicas, name, metadata, cpu)
}

func threeRegions(t testing.TB) []json.RawMessage {
	return []json.RawMessage{node(t, "tokyo-1", "tokyo", 2, 8), node(t, "osaka-1", "osaka", 4, 8), node(t, "sydney-1", "sydney", 4, 8)}
}

func TestTheEdgeSchedulersPluginsDecide(t *testing.T) {
	near := edgeDeployment(t, "near", 3, "1", "{labels: {app: near}, annotations: {skerry.dev/near-region: tokyo}}")
	required := edgeDeployment(t, "required", 5, "1", "{labels: {app: required, required-region: osaka}, annotations: {skerry.dev/fallback-regions: sydney}}")
	stock := deployment(t, "stock", 1, "100m")
	outcome := after(t, edgeState(t, threeRegions(t), near, required, stock))
	expectCounts(t, perNode(outcome, "near"), "osaka-1:1 tokyo-1:2")
	expectCounts(t, perNode(outcome, "required"), "osaka-1:3 sydney-1:2")
	for _, pod := range outcome.Pods {
		if pod.Owner.Name == "required" && pod.Node == "sydney-1" && !strings.Contains(pod.Why, "fallback 1 of 1") {
			t.Errorf("%+v", pod)
		}
		if want := map[bool]string{true: "default-scheduler", false: "edge-scheduler"}[pod.Owner.Name == "stock"]; pod.Scheduler != want {
			t.Errorf("%s is scheduled by %s", pod.Name, pod.Scheduler)
		}
	}
}

func TestACutLinkBreaksABudget(t *testing.T) {
	budget := edgeDeployment(t, "web", 4, "1", "{labels: {app: web}, annotations: {skerry.dev/near-region: tokyo, skerry.dev/max-rtt-ms: \"20\"}}")
	outcome := after(t, edgeState(t, threeRegions(t), budget), func(o *simulationv1.Options) {
		o.Drills = []simulationv1.Drill{{Link: &simulationv1.LinkReference{From: "tokyo", To: "osaka"}}, {Link: &simulationv1.LinkReference{From: "tokyo", To: "mars"}}}
	})
	expectCounts(t, perNode(outcome, "web"), "osaka-1:2 tokyo-1:2")
	cut := outcome.Drills[0]
	if len(cut.Links) != 2 || cut.Links[0].BeforeMs != 9 || cut.Links[0].AfterMs < 200 || cut.Links[0].Via != "sydney" {
		t.Errorf("%+v", cut.Links)
	}
	if len(cut.Violations) != 2 || cut.Violations[0].Node != "osaka-1" {
		t.Errorf("%+v", cut.Violations)
	}
	if outcome.Drills[1].Error != `region "mars" is not in the file of round trips` {
		t.Errorf("%+v", outcome.Drills[1])
	}
}

func TestAChangedLinkMovesNobodyAndCountsForNewPods(t *testing.T) {
	web := func(replicas int) json.RawMessage {
		return edgeDeployment(t, "web", replicas, "1", "{labels: {app: web}, annotations: {skerry.dev/near-region: tokyo, skerry.dev/max-rtt-ms: \"50\"}}")
	}
	before := edgeState(t, threeRegions(t), web(3))
	next := edgeState(t, threeRegions(t), web(4))
	next.Objects[0] = regionLinks(t, "60")
	outcome := change(t, before, next)
	expectCounts(t, perNode(outcome, "web"), ":1 osaka-1:1 tokyo-1:2")
}

func TestExplainGroupsNodesAndRanksTheOthers(t *testing.T) {
	tainted := node(t, "osaka-2", "osaka", 4, 8, `{taints: [{key: device-type, value: jetson, effect: NoSchedule}]}`)
	web := edgeDeployment(t, "web", 1, "1500m", "{labels: {app: web}, annotations: {skerry.dev/near-region: tokyo}}")
	s := edgeState(t, append(threeRegions(t), tainted, node(t, "tokyo-2", "tokyo", 1, 8)), web)
	outcome := after(t, s, func(o *simulationv1.Options) {
		o.Explain = []simulationv1.ObjectReference{{Kind: "Deployment", Namespace: "shop", Name: "web"}, {Kind: "Pod", Namespace: "shop", Name: "gone"}}
	})
	explained := outcome.Explanations[0]
	if explained.Node != "tokyo-1" || explained.Error != "" {
		t.Fatalf("%+v", explained)
	}
	if len(explained.Scores) != 3 || explained.Scores[0].Node != "tokyo-1" || len(explained.Scores[0].Plugins) < 4 {
		t.Errorf("%+v", explained.Scores)
	}
	groups := map[string]string{}
	for _, group := range explained.Rejected {
		groups[group.Plugin] = strings.Join(group.Nodes, " ")
	}
	if groups["TaintToleration"] != "osaka-2" || groups["NodeResourcesFit"] != "tokyo-2" {
		t.Errorf("%v", groups)
	}
	text := strings.Join(explained.Changes, "\n")
	for _, want := range []string{"osaka-1 is next", "EdgeProximity", "cpu: the pod requests 1500m", "a toleration would add 1 nodes"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if outcome.Explanations[1].Error != "Pod shop/gone has no pod" {
		t.Errorf("%+v", outcome.Explanations[1])
	}
	if counts := perNode(outcome, "web"); counts["tokyo-1"] != 1 {
		t.Errorf("explaining moved the pod: %v", counts)
	}
}

func TestFitFindsTheLastReplicaAndTheBottleneck(t *testing.T) {
	web := simulationv1.ObjectReference{Kind: "Deployment", Namespace: "shop", Name: "web"}
	api := simulationv1.ObjectReference{Kind: "Deployment", Namespace: "shop", Name: "api"}
	s := state(nodes(t, "a b"), deployment(t, "web", 2, "1"), deployment(t, "api", 1, "500m"))
	outcome := after(t, s, func(o *simulationv1.Options) {
		o.Fit = []simulationv1.Fit{
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}}},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}, {ObjectReference: api, Replicas: 2}}},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}}, AddNodes: []json.RawMessage{node(t, "c", "tokyo", 4, 8)}},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}}, Limit: 3},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: simulationv1.ObjectReference{Kind: "DaemonSet", Namespace: "shop", Name: "web"}}}},
		}
	})
	// 8 cores, of which 2.5 are taken: five more of web, on whole cores.
	for i, want := range []int{5, 2, 9, 3, 0} {
		if outcome.Fits[i].Rounds != want {
			t.Errorf("%d: got %+v, want %d", i, outcome.Fits[i], want)
		}
	}
	first := outcome.Fits[0]
	if first.Bottleneck == nil || *first.Bottleneck != web || len(first.Verdict.Shortages) != 1 || first.Nodes["a"]+first.Nodes["b"] != 5 {
		t.Errorf("%+v", first)
	}
	if outcome.Fits[2].Nodes["c"] != 4 || !outcome.Fits[3].Limited || !strings.Contains(outcome.Fits[4].Error, "is not a Deployment") {
		t.Errorf("%+v", outcome.Fits)
	}
	if len(outcome.Nodes) != 2 || outcome.Nodes[0].Pods+outcome.Nodes[1].Pods != 3 {
		t.Errorf("a search leaves traces: %+v", outcome.Nodes)
	}
}
