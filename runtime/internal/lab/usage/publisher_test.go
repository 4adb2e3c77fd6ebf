package usage

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/lab/programs"
	"github.com/skerry-dev/skerry/runtime/internal/lab/traces"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/nodepool"
)

type flat float64

func (f flat) At(time.Time) float64 { return float64(f) }

func TestNewProfile(t *testing.T) {
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "n", UID: "u"},
		Status: corev1.NodeStatus{Capacity: corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("8Gi"),
		}},
	}
	machine := traces.Machine{CPU: flat(20), Memory: flat(40), IO: flat(5), Network: flat(10)}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	object := NewProfile(node, machine, []v1alpha1.PodUsage{{UID: "p", CPUCores: 0.4, MemoryBytes: 1 << 28}, {UID: "q", CPUCores: 0.6, MemoryBytes: 8<<30/10 - 1<<28}}, now, 30*time.Second)
	profile := load.FromObject(object, now)
	for d, want := range map[load.Dimension]float64{load.CPU: 0.45, load.Memory: 0.5, load.IO: 0.05, load.Network: 0.1} {
		if got, ok := profile.Usage.Get(d); !ok || got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s: got %v, want %v", d, got, want)
		}
	}
	if !profile.Time.Equal(now) || profile.Window != 30*time.Second || object.OwnerReferences[0].UID != "u" {
		t.Errorf("got %+v", object)
	}
	if len(profile.Pods) != 2 || profile.Pods[0] != (load.PodUsage{Pod: "p", Cores: 0.4, Bytes: 1 << 28}) || profile.Speed != 0 {
		t.Errorf("got pods %+v, speed %v", profile.Pods, profile.Speed)
	}
	if _, ok := profile.Capability.Get(load.IO); ok {
		t.Error("got a disk capability without the annotation")
	}
	overloaded := NewProfile(node, machine, []v1alpha1.PodUsage{{UID: "p", CPUCores: 4000}}, now, 30*time.Second)
	if got := *overloaded.Status.Samples[0].CPUPercent; got != 1000 {
		t.Errorf("got %v %%, want the API's maximum of 1000 %%", got)
	}
	node.Annotations = map[string]string{nodepool.CapacityAnnotation: `{"iops":3200,"networkMbps":1000,"coreSpeed":2.5}`}
	annotated := load.FromObject(NewProfile(node, machine, nil, now, 30*time.Second), now)
	iops, _ := annotated.Capability.Get(load.IO)
	gbps, _ := annotated.Capability.Get(load.Network)
	if memory, _ := annotated.Capability.Get(load.Memory); iops != 3200 || gbps != 1 || memory != 8.6 || annotated.Speed != 2.5 {
		t.Errorf("got %v iops, %v Gbit/s, %v GB, speed %v", iops, gbps, memory, annotated.Speed)
	}
}

// The server stores the profiles of all nodes except "broken".
func TestPublishWritesUsageDespiteErrorsOfOneNode(t *testing.T) {
	profiles := map[string]string{}
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name := strings.Split(strings.TrimPrefix(r.URL.Path, "/apis/skerry.dev/v1alpha1/nodeprofiles"), "/")
		requests = append(requests, r.Method+strings.TrimPrefix(r.URL.Path, "/apis/skerry.dev/v1alpha1/nodeprofiles"))
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.Contains(string(body), `"name":"broken"`):
			w.WriteHeader(http.StatusInternalServerError)
		case r.Method == http.MethodPost:
			profiles["a"] = string(body)
		case profiles[name[1]] == "":
			w.WriteHeader(http.StatusNotFound)
		case len(name) == 2:
			profiles[name[1]] = string(body)
		}
		_, _ = io.WriteString(w, profiles["a"])
	}))
	defer server.Close()
	client, err := v1alpha1.ClientFor(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	nodes, pods := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{}), cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	// Neither node has capacity.
	a := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a"}}
	for _, node := range []*corev1.Node{{ObjectMeta: metav1.ObjectMeta{Name: "broken"}}, a} {
		if err := nodes.Add(node); err != nil {
			t.Fatal(err)
		}
	}
	library, err := traces.Open("")
	if err != nil {
		t.Fatal(err)
	}
	writer := &writer{
		Publisher: &Publisher{Traces: library, Interval: 30 * time.Second, Logger: slog.New(slog.DiscardHandler)},
		profiles:  client, nodes: corelisters.NewNodeLister(nodes), pods: corelisters.NewPodLister(pods),
	}
	for round, want := range [][]string{
		{"PATCH/a/status", "POST", "PATCH/a/status"},
		{"PATCH/a/status"},
		{"PATCH/a/status", "PATCH/a"},
	} {
		if round == 2 {
			updated := a.DeepCopy()
			updated.Annotations = map[string]string{nodepool.CapacityAnnotation: `{"iops":3200}`}
			if err := nodes.Update(updated); err != nil {
				t.Fatal(err)
			}
		}
		requests = nil
		if err := writer.publish(t.Context(), time.Now()); err == nil || !strings.Contains(err.Error(), "node broken") {
			t.Errorf("round %d: got error %v, want one about node broken", round, err)
		}
		requests = slices.DeleteFunc(requests, func(request string) bool { return strings.Contains(request, "broken") })
		if !slices.Equal(requests, want) {
			t.Errorf("round %d: got requests %v, want %v", round, requests, want)
		}
	}
}

func TestNodesWithAnAgentAreLeftToIt(t *testing.T) {
	pod := func(image string, phase corev1.PodPhase) []*corev1.Pod {
		return []*corev1.Pod{{Spec: corev1.PodSpec{NodeName: "a", Containers: []corev1.Container{{Image: image}}}, Status: corev1.PodStatus{Phase: phase}}}
	}
	const image = "ghcr.io/skerry-dev/node-agent:0.1.0"
	for _, test := range []struct {
		name     string
		programs programs.Table
		pods     []*corev1.Pod
		want     bool
	}{
		{"runs", programs.NewTable(nil), pod(image, corev1.PodRunning), true},
		{"waits", programs.NewTable(nil), pod(image, corev1.PodPending), false},
		{"another program", programs.NewTable(nil), pod("ghcr.io/skerry-dev/edge-agent:0.1.0", corev1.PodRunning), false},
		{"is simulated", programs.NewTable([]string{programs.NodeAgent}), pod(image, corev1.PodRunning), false},
	} {
		publisher := &Publisher{Programs: test.programs}
		if got := publisher.measuredNodes(test.pods)["a"]; got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}
