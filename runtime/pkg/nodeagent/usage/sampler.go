// Package usage measures the usage of a node and its pods from the counters of the Linux kernel.
package usage

import (
	"math"
	"path/filepath"
	"time"
)

const (
	// minWindow is the shortest window of a sample in the API. A clock that stands still gives a shorter one.
	minWindow = time.Second
	// maxWindow is the longest window of a sample in the API. A node that was suspended gives a longer one.
	maxWindow = time.Hour
)

// Sample is the mean usage of the node over a window. Values that could not be measured are NaN.
type Sample struct {
	// Time is the end of the window. Its monotonic reading counts, so a step of the clock does not matter.
	Time   time.Time
	Window time.Duration
	// Percentages of the capability.
	CPU, Memory, IO, Network float64
	Pods                     []PodUsage
}

// Hardware is what the kernel reports about the node. Unknown values are 0.
type Hardware struct {
	Cores       int
	MemoryBytes float64
	LinkMbps    float64
}

// Sampler takes samples.
type Sampler struct {
	// Proc and Sys are the folders where procfs and the node's sysfs are mounted.
	Proc, Sys string
	before    *reading
}

// reading is the state of all counters at a time.
type reading struct {
	time     time.Time
	cpu      cpuTimes
	cpuOK    bool
	memory   memory
	memoryOK bool
	disks    map[string]uint64
	ports    map[string]port
	pods     map[string]podCounters
}

// Sample reads the counters and returns the usage since the previous call, and the hardware. It returns nil for the first
// call, and if the time since the previous call is not a plausible window.
//
// declaredMbps is the bandwidth of the node if it was declared, which then counts instead of the link's speed.
func (s *Sampler) Sample(now time.Time, declaredMbps float64) (*Sample, Hardware) {
	after := s.read(now)
	hardware := Hardware{Cores: after.cpu.cores, MemoryBytes: after.memory.total, LinkMbps: linkMbps(after.ports)}
	before := s.before
	if before == nil {
		s.before = after
		return nil, hardware
	}
	elapsed := now.Sub(before.time)
	if elapsed >= 0 && elapsed < minWindow {
		// The next sample covers this window too.
		return nil, hardware
	}
	s.before = after
	if elapsed < 0 || elapsed > maxWindow {
		return nil, hardware
	}
	mbps := declaredMbps
	if mbps <= 0 {
		mbps = hardware.LinkMbps
	}
	sample := &Sample{Time: now, Window: elapsed, CPU: math.NaN(), Memory: math.NaN(), IO: math.NaN(), Network: math.NaN()}
	if before.cpuOK && after.cpuOK {
		setIfKnown(&sample.CPU)(cpuPercent(before.cpu, after.cpu))
	}
	if after.memoryOK {
		sample.Memory = after.memory.percent()
	}
	setIfKnown(&sample.IO)(diskPercent(before.disks, after.disks, elapsed))
	setIfKnown(&sample.Network)(networkPercent(before.ports, after.ports, mbps, elapsed))
	sample.Pods = podUsage(before.pods, after.pods, max(1, after.cpu.cores), elapsed)
	return sample, hardware
}

func setIfKnown(target *float64) func(value float64, known bool) {
	return func(value float64, known bool) {
		if known {
			*target = value
		}
	}
}

func (s *Sampler) read(now time.Time) *reading {
	r := &reading{time: now, ports: readPorts(s.Sys), pods: readPods(s.Sys)}
	if content, err := readFile(filepath.Join(s.Proc, "stat")); err == nil {
		r.cpu, r.cpuOK = parseCPU(content)
	}
	if content, err := readFile(filepath.Join(s.Proc, "meminfo")); err == nil {
		r.memory, r.memoryOK = parseMemory(content)
	}
	if content, err := readFile(filepath.Join(s.Proc, "diskstats")); err == nil {
		r.disks = parseDisks(content, s.Sys)
	}
	return r
}
