package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	fwk "k8s.io/kube-scheduler/framework"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/load"
	"github.com/skerry-dev/skerry/runtime/pkg/plugins"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
)

// Throughput is the result of one run.
type Throughput struct {
	Policy     string  `json:"policy"`
	Pods       string  `json:"pods"`
	Nodes      int     `json:"nodes"`
	Count      int     `json:"count"`
	Round      int     `json:"round"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpuSeconds"`
	Unplaced   int64   `json:"unplaced"`
}

// measureThroughput measures the scheduling cycle without an API server. It runs the policies alternately with the same pods.
func measureThroughput(ctx context.Context, args []string, print func(any)) error {
	flags := flag.NewFlagSet("throughput", flag.ContinueOnError)
	nodeCount := flags.Int("nodes", 1000, "number of nodes, in ten regions")
	podCount := flags.Int("pods", 10000, "number of pods per run")
	rounds := flags.Int("rounds", 3, "number of runs per policy")
	seed := flags.Uint64("seed", 1, "seed of the usage of nodes")
	stock := flags.String("stock", "", "`file` with the KubeSchedulerConfiguration of the stock scheduler")
	edge := flags.String("edge", "", "`file` with the KubeSchedulerConfiguration of the edge scheduler")
	kinds := flags.String("kinds", "plain,region", "kinds of pods: plain (without a region), region, or both")
	linksFile := flags.String("links", "", "`file` with the links between regions (links.json)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	raw, err := os.ReadFile(*linksFile)
	if err != nil {
		return err
	}
	matrix, err := links.Parse(raw)
	if err != nil {
		return err
	}
	regions := matrix.Regions()
	if len(regions) != 10 {
		return fmt.Errorf("links: must contain 10 regions, got %d", len(regions))
	}
	for round := range *rounds {
		for _, kind := range strings.Split(*kinds, ",") {
			for _, policy := range []struct{ name, file string }{{"stock", *stock}, {"edge", *edge}} {
				nodes := simulation.Nodes(*nodeCount, regions, simulation.Devices)
				now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
				store := simulation.Profiles(nodes, simulation.Devices, now.Add(-20*time.Second), 0.5, rand.New(rand.NewPCG(*seed, uint64(round))))
				config, err := os.ReadFile(policy.file)
				if err != nil {
					return err
				}
				environment := plugins.Environment{
					Clock:    clocktesting.NewFakePassiveClock(now),
					Links:    func(context.Context, string, string) (links.Source, error) { return links.Static{Links: matrix}, nil },
					Profiles: func(context.Context, fwk.Handle) (load.Source, error) { return store, nil },
				}
				run, cancel := context.WithCancel(ctx)
				set := environment.Set()
				cluster, err := simulation.NewCluster(run, simulation.Options{Nodes: nodes, Config: config, Registry: set.Registry, Attach: set.Attach})
				if err != nil {
					cancel()
					return fmt.Errorf("%s: %w", policy.file, err)
				}
				result := Throughput{Policy: policy.name, Pods: kind, Nodes: *nodeCount, Count: *podCount, Round: round}
				pods := make([]*corev1.Pod, *podCount)
				for i := range pods {
					pods[i] = newPod(policy.name, kind, i, regions)
				}
				runtime.GC()
				measure(run, cluster, pods, &result)
				cancel()
				print(result)
				if result.Unplaced > 0 {
					return errors.New("some pods were not placed")
				}
			}
		}
	}
	return nil
}

// newPod returns a pod. Pods of the stock policy select their region with a node selector.
func newPod(policy, kind string, i int, regions []string) *corev1.Pod {
	scheduler := "default-scheduler"
	if policy == "edge" {
		scheduler = labels.EdgeSchedulerName
	}
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("pod-%05d", i), Namespace: "bench", UID: types.UID(fmt.Sprintf("uid-%05d", i)),
			Labels: map[string]string{"app": "bench"},
		},
		Spec: corev1.PodSpec{SchedulerName: scheduler, Containers: []corev1.Container{{
			Name: "main", Image: "bench", Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("10m"), corev1.ResourceMemory: resource.MustParse("10Mi"),
			}},
		}}},
	}
	if kind == "region" {
		region := regions[i%len(regions)]
		if policy == "edge" {
			p.Labels[labels.RequiredRegion] = region
		} else {
			p.Spec.NodeSelector = map[string]string{labels.EdgeRegion: region}
		}
	}
	return p
}

func measure(ctx context.Context, cluster *simulation.Cluster, pods []*corev1.Pod, result *Throughput) {
	var unplaced, pending atomic.Int64
	pending.Store(int64(len(pods)))
	done := make(chan struct{})
	started, startedCPU := time.Now(), cpuTime()
	for _, pod := range pods {
		cluster.Begin(ctx, pod, func(outcome simulation.Outcome) {
			if outcome.Reason != nil {
				unplaced.Add(1)
			}
			if pending.Add(-1) == 0 {
				close(done)
			}
		})
	}
	<-done
	result.Seconds, result.CPUSeconds, result.Unplaced = time.Since(started).Seconds(), cpuTime()-startedCPU, unplaced.Load()
}

func cpuTime() float64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
