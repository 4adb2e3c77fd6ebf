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

// leftovers describes the state that the plugin keeps of nodes and waiting pods.
func (w *world) leftovers() string {
	tr := w.plugin.tracker
	if nodes, headrooms, speeds, waiting := len(tr.nodes.Keys()), len(tr.headrooms.values), len(tr.coreSpeeds.sorted), len(w.plugin.waiting.pods); nodes+headrooms+speeds+waiting+len(tr.headrooms.index) > 0 {
		return fmt.Sprintf("%d nodes, %d headrooms, %d speeds, %d waiting pods", nodes, headrooms, speeds, waiting)
	}
	return ""
}

// permutations returns all permutations of the numbers below n.
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

func TestDropsDeletedNodesForEveryOrderOfEvents(t *testing.T) {
	for _, order := range permutations(5) {
		w := newWorld(t, "", 1)
		pod := w.runPod("pod", "db", "0", "1Gi")
		w.store.Put("0", &load.Profile{Usage: load.NewVector(0, 0.99, 0, 0), Speed: 2, Time: w.clock.Now(), Window: window})
		ended := pod.DeepCopy()
		ended.Status.Phase = corev1.PodFailed
		events := []func(){
			func() { w.plugin.NodeHandler().OnDelete(w.infos["0"].Node()) },
			func() { w.store.Put("0", nil) },
			// Updates that arrive after the deletion of their object.
			func() {
				w.store.Put("0", &load.Profile{Usage: load.NewVector(0, 0.5, 0, 0), Speed: 3, Time: w.clock.Now(), Window: window})
			},
			func() { w.plugin.PodHandler().OnUpdate(pod, ended) },
			func() { w.plugin.PodHandler().OnDelete(ended) },
		}
		for _, which := range order {
			w.nextWindow()
			events[which]()
		}
		if kept := w.leftovers(); kept != "" {
			t.Errorf("order %v: kept %s", order, kept)
		}
	}
}

func TestReplaysTheProfileOfARecreatedNode(t *testing.T) {
	w := newWorld(t, "", 1)
	w.runPod("pod", "db", "0", "1Gi")
	w.sample("0", 0.95)
	w.plugin.NodeHandler().OnDelete(w.infos["0"].Node())
	if _, rejected := w.attempt(requesting("next", "db", "1Gi")); rejected["0"] {
		t.Error("the sample of a deleted node counts")
	}
	w.addNode(node("0", 8))
	if _, rejected := w.attempt(requesting("next", "db", "1Gi")); !rejected["0"] {
		t.Error("the profile of the node was not replayed")
	}
	if _, runs := w.plugin.tracker.accountedUsage("0", "pod"); !runs {
		t.Error("the running pod was dropped")
	}
}

func TestDropsEverythingWhenAllObjectsAreDeleted(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(t, "", 3)
		handler := w.plugin.PodHandler()
		pods := map[string]*corev1.Pod{}
		for range 200 {
			w.nextWindow()
			name, node := fmt.Sprint("pod-", random.IntN(10)), fmt.Sprint(random.IntN(3))
			switch random.IntN(8) {
			case 0:
				w.plugin.NodeHandler().OnDelete(w.infos[node].Node())
			case 1:
				w.addNode(w.infos[node].Node())
			case 2:
				w.store.Put(node, nil)
			case 3:
				w.store.Put(node, &load.Profile{Usage: load.NewVector(0, random.Float64(), 0, 0), Speed: random.Float64(), Time: w.clock.Now(), Window: window})
			case 4:
				// A pod ends and its successor of the same name starts during a gap in the watch.
				if old := pods[name]; old != nil {
					next := old.DeepCopy()
					next.UID, next.Spec.NodeName = types.UID(fmt.Sprint(old.UID, "'")), node
					handler.OnUpdate(old, next)
					pods[name] = next
				}
			case 5:
				if pods[name] == nil {
					pods[name] = w.runPod(name, "db", node, "1Gi")
				}
			case 6:
				// The pod is reserved and bound, but no pod event arrives.
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
		if kept := w.leftovers(); kept != "" {
			t.Errorf("seed %d: kept %s", seed, kept)
		}
	}
}

func TestPodsDeletedDuringSchedulingDoNotWait(t *testing.T) {
	w := newWorld(t, "", 1)
	w.sample("0", 0.95)
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	w.plugin.pods = corelisters.NewPodLister(indexer)
	existing, deleted, replaced := requesting("existing", "db", "1Gi"), requesting("deleted", "db", "1Gi"), requesting("replaced", "db", "1Gi")
	successor := replaced.DeepCopy()
	successor.UID = "another"
	for _, pod := range []*corev1.Pod{existing, successor} {
		if err := indexer.Add(pod); err != nil {
			t.Fatal(err)
		}
	}
	for _, pod := range []*corev1.Pod{existing, deleted, replaced} {
		if _, rejected := w.attempt(pod); !rejected["0"] {
			t.Fatal("not rejected")
		}
	}
	if _, waits := w.plugin.waiting.pods["existing"]; !waits || len(w.plugin.waiting.pods) != 1 {
		t.Errorf("%d pods wait, want only the existing one", len(w.plugin.waiting.pods))
	}
}

func TestIgnoresSamplesFromTheFuture(t *testing.T) {
	w := newWorld(t, "", 1)
	future := w.clock.Now().Add(window * 100)
	w.store.Put("0", &load.Profile{Usage: load.NewVector(0, 0.99, 0, 0), Time: future, Window: window})
	if _, rejected := w.attempt(requesting("next", "db", "1Gi")); rejected["0"] {
		t.Error("a sample from the future rejects the node")
	}
	// The node's clock is corrected.
	w.runPod("db-0", "db", "0", "1Gi")
	w.nextWindow()
	w.sample("0", 0.95, load.PodUsage{Pod: "db-0", Bytes: 4 << 30})
	if _, rejected := w.attempt(requesting("next", "db", "1Gi")); !rejected["0"] {
		t.Error("the fresh sample does not count")
	}
	if mean, known := w.plugin.tracker.workloads.get(owned("StatefulSet", "db", nil), zero).meanUsage(); !known || mean.bytes != 4<<30 {
		t.Errorf("the workload did not learn: %v", mean)
	}
}

func TestSamplesFromTheFutureKeepEndedPods(t *testing.T) {
	w := newWorld(t, "", 1)
	pod := w.runPod("db-0", "db", "0", "1Gi")
	w.nextWindow()
	w.nextWindow()
	w.plugin.PodHandler().OnDelete(pod)
	w.store.Put("0", &load.Profile{Usage: load.NewVector(0, 0.95, 0, 0), Time: w.clock.Now().Add(window * 100), Window: window})
	// The pod was running during the window of this sample.
	w.sample("0", 0.95, load.PodUsage{Pod: "db-0", Bytes: 8 << 30})
	if _, rejected := w.attempt(requesting("next", "web", "1Gi")); rejected["0"] {
		t.Error("the memory of the ended pod is still counted")
	}
}
