package kernelfiles

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/skerry-dev/skerry/runtime/apis/skerry/v1alpha1"
	"github.com/skerry-dev/skerry/runtime/internal/lab/usage"
	agent "github.com/skerry-dev/skerry/runtime/pkg/nodeagent/usage"
)

func uid(number int) types.UID {
	return types.UID(fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", number))
}

// drawUsage draws a usage whose pods are some of a few.
func drawUsage(t *rapid.T, cores int) usage.Usage {
	percent := rapid.Float64Range(0, 100)
	used := usage.Usage{
		CPU: percent.Draw(t, "cpu"), Memory: percent.Draw(t, "memory"), IO: percent.Draw(t, "io"), Network: percent.Draw(t, "network"),
	}
	for number := range 4 {
		if rapid.Bool().Draw(t, "pod") {
			used.Pods = append(used.Pods, v1alpha1.PodUsage{
				UID: uid(number), CPUCores: rapid.Float64Range(0, float64(cores)).Draw(t, "cores"), MemoryBytes: math.Round(rapid.Float64Range(0, 1e9).Draw(t, "bytes")),
			})
		}
	}
	return used
}

// The node agent's own code measures the usage that the files were given.
func TestTheAgentMeasuresWhatTheFilesWereGiven(t *testing.T) {
	folder := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		files := &Files{Proc: fmt.Sprintf("%s/%d/proc", folder, run), Sys: fmt.Sprintf("%s/%d/sys", folder, run)}
		hardware := Hardware{
			Cores:       rapid.IntRange(1, 16).Draw(t, "number of cores"),
			MemoryBytes: rapid.Float64Range(512<<20, 64<<30).Draw(t, "memory bytes"),
			LinkMbps:    float64(rapid.SampledFrom([]int{10, 100, 1000, 10000}).Draw(t, "link")),
		}
		sampler := agent.Sampler{Proc: files.Proc, Sys: files.Sys}
		advance := func(elapsed time.Duration, used usage.Usage) {
			if err := files.Advance(elapsed, hardware, used); err != nil {
				t.Fatal(err)
			}
		}
		now := time.Now()
		before := drawUsage(t, hardware.Cores)
		advance(0, before)
		sampler.Sample(now, 0)
		for range rapid.IntRange(1, 4).Draw(t, "windows") {
			used := drawUsage(t, hardware.Cores)
			// What is written in between changes nothing.
			window := time.Duration(0)
			for range rapid.IntRange(1, 3).Draw(t, "steps") {
				step := time.Duration(rapid.IntRange(1, 20).Draw(t, "seconds")) * time.Second
				advance(step, used)
				window += step
			}
			now = now.Add(window)
			sample, measured := sampler.Sample(now, 0)
			if measured.Cores != hardware.Cores || math.Abs(measured.MemoryBytes-hardware.MemoryBytes) > bytesPerKiB || measured.LinkMbps != hardware.LinkMbps {
				t.Fatalf("got hardware %+v, want %+v", measured, hardware)
			}
			// Counters are rounded: a tick of a core, a millisecond, a byte, or a kibibyte.
			for _, each := range []struct {
				name                 string
				got, want, tolerance float64
			}{
				{"CPU", sample.CPU, used.CPU, 200 / window.Seconds() / ticksPerSecond / float64(hardware.Cores)},
				{"memory", sample.Memory, used.Memory, 0.001},
				{"I/O", sample.IO, used.IO, 0.1 / window.Seconds() * 2},
				{"network", sample.Network, used.Network, 0.001},
			} {
				if math.IsNaN(each.got) || math.Abs(each.got-each.want) > each.tolerance {
					t.Fatalf("%s: got %v, want %v", each.name, each.got, each.want)
				}
			}
			checkPods(t, sample.Pods, before, used, window)
			before = used
		}
	})
}

// checkPods expects the pods that are in both readings.
func checkPods(t *rapid.T, got []agent.PodUsage, before, used usage.Usage, window time.Duration) {
	var want []agent.PodUsage
	for _, pod := range used.Pods {
		if slices.ContainsFunc(before.Pods, func(earlier v1alpha1.PodUsage) bool { return earlier.UID == pod.UID }) {
			want = append(want, agent.PodUsage{UID: string(pod.UID), Cores: pod.CPUCores, Bytes: pod.MemoryBytes})
		}
	}
	equal := func(a, b agent.PodUsage) bool {
		return a.UID == b.UID && math.Abs(a.Cores-b.Cores) < 1e-5/window.Seconds() && a.Bytes == b.Bytes
	}
	if !slices.EqualFunc(got, want, equal) {
		t.Fatalf("pods: got %+v, want %+v", got, want)
	}
}

func TestAnOverloadedMachineIsFullyUsed(t *testing.T) {
	folder := t.TempDir()
	files := &Files{Proc: folder + "/proc", Sys: folder + "/sys"}
	hardware := Hardware{Cores: 4, MemoryBytes: 4 << 30, LinkMbps: 1000}
	overload := usage.Usage{CPU: 250, Memory: 130, IO: 120, Network: 150}
	sampler := agent.Sampler{Proc: files.Proc, Sys: files.Sys}
	now := time.Now()
	for range 2 {
		if err := files.Advance(30*time.Second, hardware, overload); err != nil {
			t.Fatal(err)
		}
		now = now.Add(30 * time.Second)
		sample, _ := sampler.Sample(now, 0)
		if sample == nil {
			continue
		}
		if sample.CPU != 100 || sample.Memory != 100 || sample.IO != 100 || math.Abs(sample.Network-150) > 0.01 {
			t.Errorf("got %+v", sample)
		}
	}
}
