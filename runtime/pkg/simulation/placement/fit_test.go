package placement

import (
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func TestFitFindsTheLastReplicaAndTheBottleneck(t *testing.T) {
	web, api := inShop("Deployment", "web"), inShop("Deployment", "api")
	s := state(nodes(t, "a b"), deployment(t, "web", 2, "1"), deployment(t, "api", 1, "500m"))
	outcome := after(t, s, func(o *simulationv1.Options) {
		o.Fit = []simulationv1.Fit{
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}}},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}, {ObjectReference: api, Replicas: 2}}},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: web}}, Limit: 3},
			{Workloads: []simulationv1.FitWorkload{{ObjectReference: inShop("DaemonSet", "web")}}},
		}
	})
	// 8 cores, of which 2.5 are taken: five more of web, on whole cores.
	for i, want := range []int{5, 2, 3, 0} {
		if outcome.Fits[i].Rounds != want {
			t.Errorf("%d: got %+v, want %d", i, outcome.Fits[i], want)
		}
	}
	first := outcome.Fits[0]
	if first.Bottleneck == nil || *first.Bottleneck != web || first.Nodes["a"]+first.Nodes["b"] != 5 || first.Partial[0] != 0 || first.Message == "" {
		t.Errorf("%+v", first)
	}
	expectTexts(t, rejections(first.Rejected), "NodeResourcesFit: a b (request 500m less of cpu: 500m instead of 1)")
	// The third round takes the last whole core and the last half of one.
	if mix := outcome.Fits[1]; *mix.Bottleneck != api || mix.Partial[0] != 1 || mix.Partial[1] != 1 {
		t.Errorf("%+v", mix)
	}
	if !outcome.Fits[2].Limited || !strings.Contains(outcome.Fits[3].Error, "is not a Deployment") {
		t.Errorf("%+v", outcome.Fits)
	}
	if len(outcome.Nodes) != 2 || outcome.Nodes[0].Pods+outcome.Nodes[1].Pods != 3 {
		t.Errorf("a search leaves traces: %+v", outcome.Nodes)
	}
}
