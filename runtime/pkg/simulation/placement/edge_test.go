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
