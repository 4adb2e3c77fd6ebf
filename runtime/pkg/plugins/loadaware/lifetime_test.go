package loadaware

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/scheduler/framework"

	"github.com/skerry-dev/skerry/runtime/pkg/load"
)

// keeps tells what the plugin keeps of nodes and of pods that wait.
func (w *world) keeps() string {
	l := w.plugin.ledger
	if accounts, rows, speeds, waiting := len(l.accounts.Keys()), len(l.levels.rows), len(l.speeds.sorted), len(w.plugin.waiting.pods); accounts+rows+speeds+waiting+len(l.levels.index) > 0 {
		return fmt.Sprintf("%d accounts, %d levels, %d speeds, %d waiting pods", accounts, rows, speeds, waiting)
	}
	return ""
}

// permutations of numbers below n.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}

func TestNothingIsKeptOfANodeThatIsGoneInWhicheverOrderTheEventsCome(t *testing.T) {
	for _, order := range permutations(5) {
		w := newWorld(t, "", 1)
		pod := w.runs("pod", "db", "0", "1Gi")
		w.store.Put("0", &load.Profile{Usage: load.Of(0, 0.99, 0, 0), Speed: 2, Time: w.clock.Now(), Window: window})
		ended := pod.DeepCopy()
		ended.Status.Phase = corev1.PodFailed
		events := []func(){
			func() { w.plugin.NodeHandler().OnDelete(w.infos["0"].Node()) },
			func() { w.store.Put("0", nil) },
			// Updates that were under way when their object was deleted.
			func() {
				w.store.Put("0", &load.Profile{Usage: load.Of(0, 0.5, 0, 0), Speed: 3, Time: w.clock.Now(), Window: window})
			},
			func() { w.plugin.PodHandler().OnUpdate(pod, ended) },
			func() { w.plugin.PodHandler().OnDelete(ended) },
		}
		for _, which := range order {
			w.pass()
			events[which]()
		}
		if kept := w.keeps(); kept != "" {
			t.Errorf("order %v: kept %s", order, kept)
		}
	}
}

func TestANodeThatComesBackIsKnownAgain(t *testing.T) {
	w := newWorld(t, "", 1)
	w.runs("pod", "db", "0", "1Gi")
	w.sample("0", 0.95)
	w.plugin.NodeHandler().OnDelete(w.infos["0"].Node())
	if _, refused := w.attempt(requesting("next", "db", "1Gi")); refused["0"] {
		t.Error("the sample of a node that is gone counts")
	}
	w.addNode(node("0", 8))
	if _, refused := w.attempt(requesting("next", "db", "1Gi")); !refused["0"] {
		t.Error("what the source knows of the node is not asked for")
	}
	if _, runs := w.plugin.ledger.counted("0", "pod"); !runs {
		t.Error("the pod that ran all the time is forgotten")
	}
}

func TestNothingIsKeptWhenAllIsGone(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, "", 3)
		handler := w.plugin.PodHandler()
		pods := map[string]*corev1.Pod{}
		for range 200 {
			w.pass()
			name, node := fmt.Sprint("pod-", random.IntN(10)), fmt.Sprint(random.IntN(3))
			switch random.IntN(8) {
			case 0:
				w.plugin.NodeHandler().OnDelete(w.infos[node].Node())
			case 1:
				w.addNode(w.infos[node].Node())
			case 2:
				w.store.Put(node, nil)
			case 3:
				w.store.Put(node, &load.Profile{Usage: load.Of(0, random.Float64(), 0, 0), Speed: random.Float64(), Time: w.clock.Now(), Window: window})
			case 4:
				// A pod ends and its successor of the same name comes while the watch was cut.
				if old := pods[name]; old != nil {
					next := old.DeepCopy()
					next.UID, next.Spec.NodeName = types.UID(fmt.Sprint(old.UID, "'")), node
					handler.OnUpdate(old, next)
					pods[name] = next
				}
			case 5:
				if pods[name] == nil {
					pods[name] = w.runs(name, "db", node, "1Gi")
				}
			case 6:
				// It was reserved a node and bound, which nobody saw.
				if pods[name] == nil {
					pods[name] = requesting(name, "db", "1Gi")
					state := framework.NewCycleState()
					w.plugin.PreFilter(context.Background(), state, pods[name], nil)
					w.plugin.Filter(context.Background(), state, pods[name], w.infos[node])
					w.plugin.Reserve(context.Background(), state, pods[name], node)
					w.plugin.PostBind(context.Background(), state, pods[name], node)
				}
			case 7:
				if pods[name] != nil {
					handler.OnDelete(cache.DeletedFinalStateUnknown{Key: name, Obj: pods[name]})
					delete(pods, name)
				}
			}
		}
		for name, pod := range pods {
			handler.OnDelete(cache.DeletedFinalStateUnknown{Key: name, Obj: pod})
		}
		for name, info := range w.infos {
			w.plugin.NodeHandler().OnDelete(info.Node())
			w.store.Put(name, nil)
		}
		if kept := w.keeps(); kept != "" {
			t.Errorf("seed %d: kept %s", seed, kept)
		}
	}
}

func TestAPodThatIsDeletedWhileItIsScheduledDoesNotWait(t *testing.T) {
	w := newWorld(t, "", 1)
	w.sample("0", 0.95)
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	w.plugin.pods = corelisters.NewPodLister(indexer)
	there, gone, replaced := requesting("there", "db", "1Gi"), requesting("gone", "db", "1Gi"), requesting("replaced", "db", "1Gi")
	successor := replaced.DeepCopy()
	successor.UID = "another"
	for _, pod := range []*corev1.Pod{there, successor} {
		if err := indexer.Add(pod); err != nil {
			t.Fatal(err)
		}
	}
	for _, pod := range []*corev1.Pod{there, gone, replaced} {
		if _, refused := w.attempt(pod); !refused["0"] {
			t.Fatal("not refused")
		}
	}
	if _, waits := w.plugin.waiting.pods["there"]; !waits || len(w.plugin.waiting.pods) != 1 {
		t.Errorf("%d pods wait, want the one that is there", len(w.plugin.waiting.pods))
	}
}

func TestASampleOfTheFutureIsNoneAndHidesNone(t *testing.T) {
	w := newWorld(t, "", 1)
	future := w.clock.Now().Add(window * 100)
	w.store.Put("0", &load.Profile{Usage: load.Of(0, 0.99, 0, 0), Time: future, Window: window})
	if _, refused := w.attempt(requesting("next", "db", "1Gi")); refused["0"] {
		t.Error("a sample of the future refuses")
	}
	// The node's clock is corrected.
	w.runs("db-0", "db", "0", "1Gi")
	w.pass()
	w.sample("0", 0.95, load.PodUsage{Pod: "db-0", Bytes: 4 << 30})
	if _, refused := w.attempt(requesting("next", "db", "1Gi")); !refused["0"] {
		t.Error("the fresh sample does not count")
	}
	if mean, known := w.plugin.ledger.workloads.of(owned("StatefulSet", "db", nil), zero).uses(); !known || mean.bytes != 4<<30 {
		t.Errorf("its pods teach nothing: %v", mean)
	}
}

func TestASampleOfTheFutureDoesNotEndWhatIsKnownOfPodsThatLeft(t *testing.T) {
	w := newWorld(t, "", 1)
	pod := w.runs("db-0", "db", "0", "1Gi")
	w.pass()
	w.pass()
	w.plugin.PodHandler().OnDelete(pod)
	w.store.Put("0", &load.Profile{Usage: load.Of(0, 0.95, 0, 0), Time: w.clock.Now().Add(window * 100), Window: window})
	// This one is of the time when the pod was there.
	w.sample("0", 0.95, load.PodUsage{Pod: "db-0", Bytes: 8 << 30})
	if _, refused := w.attempt(requesting("next", "web", "1Gi")); refused["0"] {
		t.Error("the memory of the pod that left is still counted")
	}
}
