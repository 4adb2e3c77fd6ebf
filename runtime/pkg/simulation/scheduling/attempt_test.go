package scheduling

import (
	"fmt"
	"testing"

	fwk "k8s.io/kube-scheduler/framework"
)

func TestBestFindsTheNextNodesAndTheTies(t *testing.T) {
	a := Attempt{Node: "c"}
	for i, name := range []string{"e", "c", "a", "d", "b"} {
		a.Scores = append(a.Scores, fwk.NodePluginScores{Name: name, TotalScore: []int64{3, 9, 9, 5, 9}[i]})
	}
	for count, want := range []string{"[]", "[a]", "[a b]", "[a b d]", "[a b d e]", "[a b d e]"} {
		chosen, others, ties := a.Best(count)
		names := []string{}
		for _, other := range others {
			names = append(names, other.Name)
		}
		if chosen.Name != "c" || fmt.Sprint(names) != want || fmt.Sprint(ties) != "[a b]" {
			t.Errorf("%d: %s %v %v", count, chosen.Name, names, ties)
		}
	}
	if ranked := Ranked(a.Scores, "c"); ranked[0].Name != "c" || ranked[4].Name != "e" {
		t.Errorf("%v", ranked)
	}
	if chosen, _, _ := (&Attempt{Node: "c"}).Best(1); chosen != nil {
		t.Errorf("got %v", chosen)
	}
}
