package scheduling_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/scheduling"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/store"
)

const stock = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles: [{schedulerName: default-scheduler}]\n"

// sizedNodes differ in size, so that few nodes have the same score.
func sizedNodes(count int, random *rand.Rand) []*corev1.Node {
	nodes := make([]*corev1.Node, count)
	for i := range nodes {
		room := corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(int64(2000+random.IntN(6000)), resource.DecimalSI),
			corev1.ResourceMemory: *resource.NewQuantity(int64(2+random.IntN(30))<<28, resource.BinarySI),
			corev1.ResourcePods:   *resource.NewQuantity(110, resource.DecimalSI),
		}
		name := fmt.Sprintf("n%02d", i)
		nodes[i] = &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/hostname": name}},
			Status:     corev1.NodeStatus{Capacity: room, Allocatable: room},
		}
	}
	return nodes
}

func request(name string, random *rand.Rand) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name)},
		Spec: corev1.PodSpec{SchedulerName: "default-scheduler", Priority: ptr.To(int32(0)), Containers: []corev1.Container{{
			Name: "main", Image: "x:1", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU:    *resource.NewMilliQuantity(int64(100+random.IntN(900)), resource.DecimalSI),
				corev1.ResourceMemory: *resource.NewQuantity(int64(64+random.IntN(900))<<20, resource.BinarySI),
			}},
		}}},
	}
}

// The other scheduler is upstream's with its informers, its own parallelism and its bindings in the background.
func TestTheNodesAreThoseOfAnUnchangedScheduler(t *testing.T) {
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 1))
		nodes := sizedNodes(40, random)
		live, err := simulation.NewCluster(t.Context(), simulation.Options{Nodes: nodes, Config: []byte(stock)})
		if err != nil {
			t.Fatal(err)
		}
		config, err := simulation.Decode([]byte(stock))
		if err != nil {
			t.Fatal(err)
		}
		objects := store.New()
		simulated, err := scheduling.New(t.Context(), scheduling.Options{Store: objects, Config: config, Environment: plugins.Environment{}})
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range nodes {
			objects.Put(node.DeepCopy())
		}
		agreed, tied, full := 0, 0, 0
		for i := range 600 {
			pod := request(fmt.Sprintf("p%03d", i), random)
			want, refused := live.Schedule(t.Context(), pod.DeepCopy())
			objects.Put(pod)
			attempt := simulated.Schedule(t.Context(), pod)
			if (refused == nil) != (attempt.Err == nil) {
				t.Fatalf("seed %d, %s: got %v, want %v", seed, pod.Name, attempt.Err, refused)
			}
			if refused != nil {
				full++
				objects.Delete(pod)
				continue
			}
			_, _, ties := attempt.Best(0)
			switch {
			case attempt.Node == want:
				agreed++
			case slices.Contains(ties, want):
				tied++
			default:
				t.Fatalf("seed %d, %s: got %s, want %s, ties %v", seed, pod.Name, attempt.Node, want, ties)
			}
			// After a tie, both go on with the same node.
			bound := *pod
			bound.Spec.NodeName, bound.Status.StartTime = want, &metav1.Time{Time: time.Unix(int64(i), 0)}
			objects.Put(&bound)
		}
		if agreed < 100 || full < 20 {
			t.Errorf("seed %d compares little: %d pods agree, %d are tied, %d are unschedulable", seed, agreed, tied, full)
		}
	}
}
