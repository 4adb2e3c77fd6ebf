package machines

import (
	"fmt"
	"sync"
	"testing"
)

func TestOneMachineMayCreateACluster(t *testing.T) {
	s := &store{dir: t.TempDir()}
	const machines = 20
	var wait sync.WaitGroup
	var created sync.Map
	for i := range machines {
		wait.Add(1)
		go func() {
			defer wait.Done()
			id := fmt.Sprintf("machine-%d", i)
			may, err := s.mayCreateCluster("tokyo", id)
			if err != nil {
				t.Error(err)
			}
			if may {
				created.Store(id, true)
			}
		}()
	}
	wait.Wait()
	var winners []string
	created.Range(func(id, _ any) bool { winners = append(winners, id.(string)); return true })
	if len(winners) != 1 {
		t.Fatalf("%v may create the cluster, want one machine", winners)
	}
	// A machine that is killed asks again, as does its replacement.
	again := &store{dir: s.dir}
	if may, err := again.mayCreateCluster("tokyo", winners[0]); !may || err != nil {
		t.Errorf("the same machine asks again: got %v, %v", may, err)
	}
	if may, err := again.mayCreateCluster("tokyo", "replacement"); may || err != nil {
		t.Errorf("its replacement asks: got %v, %v", may, err)
	}
	if may, err := again.mayCreateCluster("osaka", "replacement"); !may || err != nil {
		t.Errorf("the first machine of another cluster asks: got %v, %v", may, err)
	}
}
