package placement

import (
	"encoding/json"
	"strings"
	"testing"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
)

func priorityClass(t testing.TB, name string, value int) json.RawMessage {
	return object(t, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: %s}, value: %d}", name, value)
}

func TestAPodOfHigherPriorityPreempts(t *testing.T) {
	low, high := priorityClass(t, "low", 1), priorityClass(t, "high", 1000)
	web := workloadObject(t, "Deployment", "web", 8, "1", "", "priorityClassName: low,")
	urgent := workloadObject(t, "Deployment", "urgent", 2, "1", "", "priorityClassName: high,")
	outcome := change(t, state(nodes(t, "a b"), low, high, web), state(nodes(t, "a b"), low, high, web, urgent))
	if counts := perNode(outcome, "urgent"); counts[""] > 0 {
		t.Errorf("urgent: %v", counts)
	}
	if counts := perNode(outcome, "web"); counts[""] != 2 {
		t.Errorf("web: %v", counts)
	}
	expectCounts(t, reasons(outcome), "Preempted:2")
	if by := outcome.Removed[0].By; by == nil || !strings.HasPrefix(by.Name, "urgent-") {
		t.Errorf("preempted by %v", by)
	}
	never := object(t, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000, preemptionPolicy: Never}")
	outcome = change(t, state(nodes(t, "a b"), low, never, web), state(nodes(t, "a b"), low, never, web, urgent))
	expectCounts(t, perNode(outcome, "urgent"), ":2")
}

func TestPodsOfHigherPriorityAreScheduledFirst(t *testing.T) {
	low := priorityClass(t, "low", 1)
	high := object(t, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000, preemptionPolicy: Never}")
	outcome := after(t, state(nodes(t, "a"), low, high,
		workloadObject(t, "Deployment", "web", 4, "1", "", "priorityClassName: low,"),
		workloadObject(t, "Deployment", "urgent", 2, "1", "", "priorityClassName: high,")))
	expectCounts(t, perNode(outcome, "urgent"), "a:2")
	expectCounts(t, perNode(outcome, "web"), ":2 a:2")
}

func TestPreemptionSparesWhatABudgetProtects(t *testing.T) {
	low, high := priorityClass(t, "low", 1), priorityClass(t, "high", 1000)
	protected := workloadObject(t, "Deployment", "protected", 4, "1", "", "priorityClassName: low,")
	other := workloadObject(t, "Deployment", "other", 4, "1", "", "priorityClassName: low,")
	budget := object(t, "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: protected, namespace: shop}, spec: {minAvailable: 4, selector: {matchLabels: {app: protected}}}}")
	urgent := workloadObject(t, "Deployment", "urgent", 2, "1", "", "priorityClassName: high,")
	// Without the budget, the youngest pods would have to go: those of the workload that comes last.
	outcome := change(t, state(nodes(t, "a b"), low, high, budget, other, protected), state(nodes(t, "a b"), low, high, budget, other, protected, urgent))
	for _, pod := range outcome.Removed {
		if pod.Owner.Name != "other" {
			t.Errorf("removed %+v", pod)
		}
	}
	expectCounts(t, reasons(outcome), "Preempted:2")
}

func TestPreemptionByPodsWithoutAPriorityUsesWhatABudgetAllows(t *testing.T) {
	low := priorityClass(t, "low", -10)
	other := workloadObject(t, "Deployment", "other", 4, "1", "", "priorityClassName: low,")
	youngest := workloadObject(t, "Deployment", "youngest", 4, "1", "", "priorityClassName: low,")
	budget := object(t, "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: youngest, namespace: shop}, spec: {minAvailable: 1, selector: {matchLabels: {app: youngest}}}}")
	outcome := change(t, state(nodes(t, "a b"), low, budget, other, youngest), state(nodes(t, "a b"), low, budget, other, youngest, deployment(t, "urgent", 2, "1")))
	for _, pod := range outcome.Removed {
		if pod.Owner.Name != "youngest" {
			t.Errorf("removed %+v", pod)
		}
	}
	expectCounts(t, reasons(outcome), "Preempted:2")
}

func TestLocalVolumesKeepPodsOnTheirNodes(t *testing.T) {
	claims := "serviceName: db, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], "
	db := workloadObject(t, "StatefulSet", "db", 2, "3", claims, "initContainers: [{name: init, image: \"x:1\", volumeMounts: [{name: data, mountPath: /data}]}],")
	next := workloadObject(t, "StatefulSet", "db", 2, "3", claims, "hostname: next,")
	before := state(nodes(t, "a b"), db)
	// More nodes are free, but the data is where it is.
	outcome := change(t, before, state(nodes(t, "a b c d"), next))
	expectCounts(t, perNode(outcome, "db"), "a:1 b:1")
	expectCounts(t, reasons(outcome), "Replaced:2")
	outcome = change(t, before, state(nodes(t, "b c d"), db))
	if counts := perNode(outcome, "db"); counts[""] != 1 || counts["b"] != 1 {
		t.Errorf("got %v", counts)
	}
	if !hasFinding(outcome, "VolumeOnRemovedNode", "on node a, which does not exist") {
		t.Errorf("%+v", outcome.Findings)
	}
}

func TestStaticVolumesAreChosenByTheScheduler(t *testing.T) {
	class := object(t, "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: disks}, provisioner: kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}")
	disk := func(node string) json.RawMessage {
		return object(t, `{apiVersion: v1, kind: PersistentVolume, metadata: {name: disk-%s}, spec: {storageClassName: disks, capacity: {storage: 10Gi}, accessModes: [ReadWriteOnce], local: {path: /data},
nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]}]}}}}`, node, node)
	}
	claims := "serviceName: db, podManagementPolicy: Parallel, volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: disks, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], "
	db := workloadObject(t, "StatefulSet", "db", 3, "1", claims, "")
	outcome := after(t, state(nodes(t, "a b c"), class, disk("b"), disk("c"), db))
	expectCounts(t, perNode(outcome, "db"), ":1 b:1 c:1")
	if len(outcome.Unschedulable) != 1 || !strings.Contains(outcome.Unschedulable[0].Message, "didn't find available persistent volumes to bind") {
		t.Errorf("%+v", outcome.Unschedulable)
	}
}

func TestAffinityAndSpreadComeFromUpstream(t *testing.T) {
	apart := "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}},"
	expectCounts(t, perNode(after(t, state(nodes(t, "a b"), workloadObject(t, "Deployment", "web", 3, "1", "", apart))), "web"), ":1 a:1 b:1")
	// Pods that want to be near a pod that is created later are tried again when that runs.
	near := "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: cache}}}]}},"
	outcome := after(t, state(nodes(t, "a b"), workloadObject(t, "Deployment", "web", 2, "1", "", near), deployment(t, "cache", 1, "1")))
	if counts := perNode(outcome, "web"); counts[""] > 0 || len(counts) != 1 {
		t.Errorf("got %v", counts)
	}
	spread := "topologySpreadConstraints: [{maxSkew: 1, topologyKey: edge-region, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}],"
	regions := []json.RawMessage{node(t, "a", "tokyo", 8, 8), node(t, "b", "osaka", 2, 8)}
	expectCounts(t, perNode(after(t, state(regions, workloadObject(t, "Deployment", "web", 6, "1", "", spread))), "web"), ":1 a:3 b:2")
}

func TestTiesAreSetsAndTheSeedShufflesThem(t *testing.T) {
	web := deployment(t, "web", 1, "1")
	chosen := map[string]bool{}
	for seed := range uint64(12) {
		outcome := after(t, state(nodes(t, "a b c"), web), func(o *simulationv1.Options) { o.Seed = seed })
		pod := outcome.Pods[0]
		chosen[pod.Node] = true
		if len(pod.Ties) != 2 || pod.Score == nil || pod.Score.Node != pod.Node || pod.Feasible != 3 {
			t.Errorf("seed %d: %+v", seed, pod)
		}
	}
	if len(chosen) < 2 {
		t.Errorf("twelve seeds chose %v", chosen)
	}
	outcome := after(t, state(append(nodes(t, "a b"), node(t, "c", "tokyo", 8, 16)), web))
	if pod := outcome.Pods[0]; len(pod.Ties) > 0 || pod.Node != "c" || len(pod.Alternatives) != 1 || pod.Alternatives[0].Total >= pod.Score.Total {
		t.Errorf("%+v", pod)
	}
}

func TestGatedPodsWait(t *testing.T) {
	outcome := after(t, state(nodes(t, "a"), workloadObject(t, "Deployment", "web", 1, "1", "", "schedulingGates: [{name: example.com/wait}],")))
	if pod := outcome.Pods[0]; pod.Status != simulationv1.Gated || pod.Node != "" {
		t.Errorf("%+v", pod)
	}
}

func TestAPodOfAnUnknownSchedulerIsNotPlaced(t *testing.T) {
	outcome := after(t, state(nodes(t, "a"), workloadObject(t, "Deployment", "web", 1, "1", "", "schedulerName: mine,")))
	if pod := outcome.Pods[0]; pod.Node != "" || outcome.Unschedulable[*pod.Verdict].Message != `no scheduler has a profile "mine"` {
		t.Errorf("%+v %+v", pod, outcome.Unschedulable)
	}
}

func TestEphemeralVolumesAreClaimedForEachPod(t *testing.T) {
	scratch := "volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}],"
	outcome := after(t, state(nodes(t, "a b"), workloadObject(t, "Deployment", "web", 3, "1", "", scratch)))
	if counts := perNode(outcome, "web"); counts[""] > 0 {
		t.Errorf("%v %+v", counts, outcome.Unschedulable)
	}
}

func TestAPodThatNamesItsNodeIsNotScheduled(t *testing.T) {
	outcome := after(t, state(nodes(t, "a b"), workloadObject(t, "Deployment", "web", 5, "1", "", "nodeName: b,")))
	expectCounts(t, perNode(outcome, "web"), "b:5")
	if !hasFinding(outcome, "NodeOverfull", "Node b") {
		t.Errorf("%+v", outcome.Findings)
	}
}

func TestSiblingsWithNodesOrVolumesOfTheirOwnHaveVerdictsOfTheirOwn(t *testing.T) {
	agent := workloadObject(t, "DaemonSet", "agent", 0, "2", "", "")
	sizes := []json.RawMessage{node(t, "a", "tokyo", 1, 8), node(t, "b", "tokyo", 4, 8), node(t, "c", "tokyo", 1, 8), node(t, "d", "tokyo", 4, 8)}
	expectCounts(t, perNode(after(t, state(sizes, agent)), "agent"), ":2 b:1 d:1")
	claims := "serviceName: db, podManagementPolicy: Parallel, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}], "
	db := func(pod string) json.RawMessage { return workloadObject(t, "StatefulSet", "db", 3, "3", claims, pod) }
	// The first pod's volume is lost with its node; those of the others are where they were.
	before := state(nodes(t, "a b c"), db(""))
	outcome := change(t, before, state(nodes(t, "b c"), db("hostname: next,")))
	expectCounts(t, perNode(outcome, "db"), ":1 b:1 c:1")
}
