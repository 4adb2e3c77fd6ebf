package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	simulationv1 "github.com/skerry-dev/skerry/runtime/apis/simulation/v1"
	"github.com/skerry-dev/skerry/runtime/pkg/labels"
	"github.com/skerry-dev/skerry/runtime/pkg/links"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation"
	"github.com/skerry-dev/skerry/runtime/pkg/simulation/placement"
)

// Simulation is one run of the placement simulator.
type Simulation struct {
	Nodes         int     `json:"nodes"`
	Pods          int     `json:"pods"`
	Kind          string  `json:"kind"`
	Drills        int     `json:"drills"`
	Round         int     `json:"round"`
	Seconds       float64 `json:"seconds"`
	CPUSeconds    float64 `json:"cpuSeconds"`
	Unschedulable int     `json:"unschedulable"`
	ReportBytes   int     `json:"reportBytes"`
	// PeakMiB is the most memory that the process has had so far.
	PeakMiB int64 `json:"peakMiB"`
}

// simulator measures placement.Simulate on generated fleets: decoding, scheduling, drills and the report.
func simulator(ctx context.Context, args []string, print func(any)) error {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	nodes := flags.Int("nodes", 1000, "nodes, in the regions of --links")
	pods := flags.Int("pods", 10000, "pods, in Deployments of 50")
	kind := flags.String("kind", "plain", "plain, region, spread or affinity: what the pods ask for")
	scheduler := flags.String("scheduler", "edge-scheduler", "scheduler that the pods name")
	drills := flags.Int("drills", 0, "how many regions to lose, one after the other")
	rounds := flags.Int("rounds", 1, "how often to measure")
	edge := flags.String("edge", "", "KubeSchedulerConfiguration of the edge scheduler, `file`")
	linksFile := flags.String("links", "", "links.json, `file`")
	save := flags.String("save", "", "write the request to this `file` and exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	request, err := simulationRequest(*nodes, *pods, *kind, *scheduler, *edge, *linksFile, *drills)
	if err != nil {
		return err
	}
	text, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if *save != "" {
		return os.WriteFile(*save, text, 0o600)
	}
	request = nil
	// As the placement simulator sets them.
	debug.SetGCPercent(200)
	debug.SetMemoryLimit(256 << 20)
	for round := range *rounds {
		runtime.GC()
		figure := Simulation{Nodes: *nodes, Pods: *pods, Kind: *kind, Drills: *drills, Round: round}
		started, cpu := time.Now(), processorTime()
		decoded, err := simulationv1.Decode(text)
		if err != nil {
			return err
		}
		report, err := placement.Simulate(ctx, decoded)
		if err != nil {
			return err
		}
		written := &count{}
		if err := simulationv1.Write(written, report); err != nil {
			return err
		}
		figure.Seconds, figure.CPUSeconds = time.Since(started).Seconds(), processorTime()-cpu
		figure.ReportBytes = written.bytes
		for _, pod := range report.After.Pods {
			if pod.Node == "" {
				figure.Unschedulable++
			}
		}
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
			return err
		}
		figure.PeakMiB = usage.Maxrss >> 10
		print(figure)
	}
	return nil
}

type count struct{ bytes int }

func (c *count) Write(data []byte) (int, error) { c.bytes += len(data); return len(data), nil }

// replicas of each generated Deployment.
const replicas = 50

func simulationRequest(nodeCount, podCount int, kind, scheduler, configFile, linksFile string, drills int) (*simulationv1.Request, error) {
	matrixText, err := os.ReadFile(linksFile)
	if err != nil {
		return nil, err
	}
	matrix, err := links.Parse(matrixText)
	if err != nil {
		return nil, err
	}
	config, err := os.ReadFile(configFile)
	if err != nil {
		return nil, err
	}
	regions := matrix.Regions()
	request := &simulationv1.Request{APIVersion: simulationv1.APIVersion, Kind: simulationv1.RequestKind}
	request.After.SchedulerConfigurations = []string{string(config)}
	for _, node := range simulation.Nodes(nodeCount, regions, simulation.Devices) {
		node.APIVersion, node.Kind = "v1", "Node"
		raw, err := json.Marshal(node)
		if err != nil {
			return nil, err
		}
		request.After.Nodes = append(request.After.Nodes, raw)
	}
	objects := []any{map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "region-links", "namespace": "skerry-system"},
		"data": map[string]any{"links.json": string(matrixText)},
	}}
	for i := range podCount / replicas {
		objects = append(objects, generatedDeployment(i, kind, scheduler, regions))
	}
	for _, object := range objects {
		raw, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		request.After.Objects = append(request.After.Objects, raw)
	}
	for i := range drills {
		request.Options.Drills = append(request.Options.Drills, simulationv1.Drill{Region: regions[i%len(regions)]})
	}
	return request, nil
}

func generatedDeployment(number int, kind, scheduler string, regions []string) map[string]any {
	name := fmt.Sprintf("app-%05d", number)
	selector := map[string]any{"app": name}
	podLabels := map[string]any{"app": name}
	spec := map[string]any{
		"schedulerName": scheduler,
		"containers": []any{map[string]any{"name": "main", "image": "bench:1", "resources": map[string]any{
			"requests": map[string]any{"cpu": "100m", "memory": "100Mi"},
		}}},
	}
	switch kind {
	case "region":
		if scheduler == labels.EdgeSchedulerName {
			podLabels[labels.RequiredRegion] = regions[number%len(regions)]
		} else {
			spec["nodeSelector"] = map[string]any{labels.EdgeRegion: regions[number%len(regions)]}
		}
	case "spread":
		spec["topologySpreadConstraints"] = []any{map[string]any{
			"maxSkew": 1, "topologyKey": labels.TopologyRegion, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": map[string]any{"matchLabels": selector},
		}}
	case "affinity":
		spec["affinity"] = map[string]any{"podAntiAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": []any{
			map[string]any{"topologyKey": "kubernetes.io/hostname", "labelSelector": map[string]any{"matchLabels": selector}},
		}}}
	}
	return map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name, "namespace": "bench"},
		"spec": map[string]any{
			"replicas": replicas, "selector": map[string]any{"matchLabels": selector},
			"template": map[string]any{"metadata": map[string]any{"labels": podLabels}, "spec": spec},
		},
	}
}
