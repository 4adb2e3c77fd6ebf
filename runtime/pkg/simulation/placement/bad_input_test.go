package placement

import (
	"encoding/json"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func TestBadInputIsAFindingAndNeverAPlacement(t *testing.T) {
	web := deployment(t, "web", 1, "1")
	good := nodes(t, "a")
	for name, each := range map[string]struct {
		state      simulationv1.State
		code, part string
	}{
		"zero nodes": {state(nil, web), "NoNodes", "must have at least one node"},
		"a node without capacity": {
			state([]json.RawMessage{object(t, "{apiVersion: v1, kind: Node, metadata: {name: a}}")}, web), "NodeWithoutCapacity", "after.nodes[0].status.allocatable[cpu] must be greater than 0, got nothing",
		},
		"a request that no node can meet": {state(good, deployment(t, "web", 1, "64")), "ImpossibleRequest", "requests 64 of cpu; the largest node has 4"},
		"a request above the limit": {
			state(good, object(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: "x:1", resources: {requests: {cpu: "2"}, limits: {cpu: "1"}}}]}}}}`)),
			"RefusedByAPIServer", "must be less than or equal to cpu limit",
		},
		"an unknown priority class": {state(good, workloadObject(t, "Deployment", "web", 1, "1", "", "priorityClassName: gone,")), "RefusedByAPIServer", `no PriorityClass with name "gone"`},
		"a cycle of owners": {
			state(good,
				object(t, `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: one, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: two, uid: u, controller: true}]}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: m, image: "x:1"}]}}}}`),
				object(t, `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: two, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: one, uid: v, controller: true}]}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: m, image: "x:1"}]}}}}`)),
			"CyclicOwner", "ReplicaSet shop/one -> ReplicaSet shop/two -> ReplicaSet shop/one",
		},
		"the same object twice":    {state(good, deployment(t, "web", 1, "64"), deployment(t, "web", 2, "64")), "DuplicateObject", "after.objects[1] is the same object as after.objects[0]"},
		"the same node twice":      {state(append(nodes(t, "a"), nodes(t, "a")...), deployment(t, "web", 1, "64")), "DuplicateObject", "after.nodes[1]"},
		"an unknown field":         {state(good, object(t, "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {prots: []}}")), "UnknownField", `unknown field "spec.prots"`},
		"a wrong type":             {state(good, object(t, "{apiVersion: apps/v1, kind: Deployment, metadata: {name: s}, spec: {replicas: many}}")), "InvalidObject", "after.objects[0]"},
		"no object":                {state(good, json.RawMessage(`["a"]`)), "InvalidObject", "after.objects[0] must be a Kubernetes object"},
		"a node among the objects": {state(good, node(t, "b", "tokyo", 64, 64)), "MisplacedNode", "must be in nodes"},
		"a claim without its volume": {
			state(good, object(t, "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {volumeName: gone, storageClassName: local-path, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}")),
			"VolumeDoesNotExist", "volume gone, which does not exist",
		},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := after(t, each.state)
			if !hasFinding(outcome, each.code, each.part) {
				t.Errorf("got %+v", outcome.Findings)
			}
			for _, pod := range outcome.Pods {
				if pod.Node != "" {
					t.Errorf("%s is placed on %s", pod.Name, pod.Node)
				}
			}
		})
	}
}

func TestAConfigurationThatNoSchedulerWouldStartWithIsAnError(t *testing.T) {
	configured := func(text string) simulationv1.State {
		s := state(nodes(t, "a"), deployment(t, "web", 1, "1"))
		s.SchedulerConfigurations = []string{text}
		return s
	}
	const head = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
	for name, each := range map[string]struct {
		state simulationv1.State
		want  []string
	}{
		"an unknown plugin":   {configured(head + "profiles: [{schedulerName: s, plugins: {score: {enabled: [{name: Telepathy}]}}}]"), []string{"after", "schedulerConfigurations[0]", "Telepathy"}},
		"an unknown field":    {configured(head + "profile: []"), []string{"after.schedulerConfigurations[0]", `unknown field "profile"`}},
		"an unknown argument": {configured(strings.Replace(edgeConfiguration, "linksFile: links/links.json", "linkFile: x", 1)), []string{"linkFile"}},
		"a bad argument":      {configured(head + "profiles: [{schedulerName: s, pluginConfig: [{name: DefaultPreemption, args: {minCandidateNodesPercentage: 700}}]}]"), []string{"after.schedulerConfigurations[0]", "minCandidateNodesPercentage", "700"}},
		"no round trips":      {configured(edgeConfiguration), []string{"EdgeProximity", `links/links.json: no ConfigMap has the key "links.json"`}},
		"another kind":        {configured("apiVersion: v1\nkind: Pod\n"), []string{"after.schedulerConfigurations[0]"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Simulate(t.Context(), &simulationv1.Request{After: each.state})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range each.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

func TestWhatIsNotModelledIsNamed(t *testing.T) {
	outcome := after(t, state(nodes(t, "a"),
		object(t, "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web, namespace: shop}, spec: {maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: web}}}"),
		object(t, "{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: injector}}"),
		object(t, "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: api, namespace: shop}}"),
		object(t, "{apiVersion: example.com/v1, kind: Fountain, metadata: {name: f}}"),
		object(t, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: quiet}}")))
	want := []string{"HorizontalPodAutoscaler shop/web: autoscalers", "MutatingWebhookConfiguration injector: external admission webhooks", "Rollout shop/api: the controller", "Fountain f: kind Fountain of example.com/v1 is unknown"}
	if len(outcome.NotModelled) != len(want) {
		t.Fatalf("%+v", outcome.NotModelled)
	}
	for i, each := range outcome.NotModelled {
		if text := each.Object + ": " + each.Reason; !strings.HasPrefix(text, want[i]) {
			t.Errorf("got %q, want %q", text, want[i])
		}
	}
}
